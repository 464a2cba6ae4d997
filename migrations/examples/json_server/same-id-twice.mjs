// A client that tells a duplicate by the status of its POST, as clients of 0.17 do.
const answer = await fetch(`${process.argv[2]}/posts`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ id: 1, title: "again" }),
});
console.log(answer.status === 201 ? "stored" : "refused");
