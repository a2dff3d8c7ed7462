"""Fail when a test was skipped for a reason that the list of expected skips does not hold."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

report, expected_file = Path(sys.argv[1]), Path(sys.argv[2])
lines = (line.strip() for line in expected_file.read_text().splitlines())
expected = {line for line in lines if line and not line.startswith("#")}
skips = [
    (f"{case.get('classname')}::{case.get('name')}", skip.get("message", ""))
    for case in ET.parse(report).iter("testcase")
    for skip in case.iter("skipped")
]
unexpected = [(test, reason) for test, reason in skips if reason not in expected]
for test, reason in skips:
    print(f"skipped: {test}: {reason}")
if unexpected:
    print(f"{len(unexpected)} skips are not in {expected_file}")
    sys.exit(1)
