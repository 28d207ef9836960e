"""`python -m docs.bench.batching`: this part of the benchmark alone."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

from docs.bench.batching import report

if __name__ == "__main__":
    report.main()
