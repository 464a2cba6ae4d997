"""The reference migration of many orchestrators to one: two source trees, tools, clients and the plan."""
