import collections, json, sys
ranked = lambda names: sorted(collections.Counter(names).items(), key=lambda kv: (-kv[1], kv[0]))
rows = [line.split(" ") for line in open(sys.argv[1], encoding="utf-8", newline="\n").read().split("\n")]
rows = [row for row in rows if len(row) >= 5]
found = [f"{len(rows)} entries from {rows[0][0]} to {rows[-1][0]}"] if rows else []
found += [f"action {action}: {n}" for action, n in ranked(r[2] for r in rows)]
found += [f"busiest day: {day} with {n} entries" for day, n in ranked(r[0] for r in rows)[:1]]
found += [f"most worked on: {p} with {n} entries" for p, n in ranked(r[4 if r[2] == "status" else 3] for r in rows if r[2] != "startup")[:5]]
found += [f"upgraded {r[3]}: {r[4]} to {r[5]}" for r in rows if r[2] == "upgrade" and len(r) >= 6]
print(json.dumps(found + [f"left {s}: {p}" for p, s in sorted({r[4]: r[3] for r in rows if r[2] == "status"}.items()) if s != "installed"]))
