"""The dashboard: one page without anything from elsewhere, which asks for the status whenever an event comes."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Coordination</title>
<style>body{font:16px system-ui;margin:2rem}td,th{padding:.2rem 1rem;text-align:left}#state{color:#666}</style></head>
<body><h1>Coordination</h1><p id="state">connecting</p>
<table><tbody id="figures"></tbody></table><h2>Last operations</h2><ol id="events"></ol>
<script>
const figures = document.getElementById("figures"), list = document.getElementById("events");
async function refresh() {
  const status = await (await fetch("/status")).json();
  const rows = {agents: status.agents, busy: status.busy, score: status.score, teams: status.teams.length, ...status.work};
  figures.replaceChildren(...Object.entries(rows).map(([name, value]) => {
    const row = document.createElement("tr");
    row.append(...[name, value].map(text => Object.assign(document.createElement("td"), {textContent: text})));
    row.id = name;
    return row;
  }));
}
const source = new EventSource("/events");
source.onopen = () => { document.getElementById("state").textContent = "live"; refresh(); };
source.onerror = () => { document.getElementById("state").textContent = "connecting"; };
source.onmessage = event => {
  const entry = JSON.parse(event.data);
  const line = `${entry.at} ${entry.kind} ${entry.agent ?? ""} ${entry.work ?? ""}`;
  list.prepend(Object.assign(document.createElement("li"), {textContent: line}));
  while (list.children.length > 20) list.lastChild.remove();
  refresh();
};
</script></body></html>
"""
