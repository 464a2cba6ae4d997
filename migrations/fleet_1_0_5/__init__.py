"""The reference migration of an agent fleet from 1.0.4 to 1.0.5: two services, a router, model stubs, tools and the plan."""
