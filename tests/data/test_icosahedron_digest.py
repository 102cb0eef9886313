"""The hard labels are the published ones: sha256 of the 4096 bytes that test_icosahedron writes."""
import hashlib
import os
import subprocess
import sys
import tempfile

EXPECTED = "77732f16f85e91b49d3997196b56163b3bd362d8cf631468a8de3f986e88359f"

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "labels")
    subprocess.run([sys.argv[1], path], check=True)
    with open(path, "rb") as file:
        labels = file.read()
seen = hashlib.sha256(labels).hexdigest()
print(f"{len(labels)} labels, sha256 {seen}")
sys.exit(0 if seen == EXPECTED else 1)
