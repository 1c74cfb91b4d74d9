"""What the cases were answered. Fails at a server error, and of a full run if there were too few cases or several operations never succeeded."""

import json
import sys

counts_file, document_file, least = sys.argv[1:]
with open(counts_file, encoding="utf-8") as opened:
    counts = json.load(opened)
with open(document_file, encoding="utf-8") as opened:
    document = json.load(opened)
# The document itself is asked for once, outside the cases.
operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()} - {"openapi"}

kinds = {}
for answers in counts.values():
    for status, times in answers.items():
        kinds[status] = kinds.get(status, 0) + times
total = sum(kinds.values())
print(f"{total} cases were answered, of {len(operations)} operations:")
print(", ".join(f"{times} with {status}" for status, times in sorted(kinds.items())))
never = sorted(id_ for id_ in operations if not any(status.startswith("2") for status in counts.get(id_, {})))
errors = sum(times for status, times in kinds.items() if status.startswith("5"))
if never:
    print("never succeeded: " + ", ".join(f"{id_} {counts.get(id_, {})}" for id_ in never))
if errors:
    print(f"server errors: {errors}")
if total < int(least or 0):
    print(f"fewer than {least} cases")
# Cases need not all meet what they want: a menu that is open still is taken back by one case, and then no other can make a link to it.
sys.exit(bool((len(never) > 3 and least) or errors or total < int(least or 0)))
