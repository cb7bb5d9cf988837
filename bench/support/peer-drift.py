"""Compares two files with another tool's defaults, in a process of its own; prints the figures as JSON.

Arguments: evidently or nannyml, reference, current.
"""

import json
import os
import resource
import sys

# Neither may report its use: waiting for an answer would count as time.
os.environ["NML_DISABLE_USAGE_LOGGING"] = os.environ["DO_NOT_TRACK"] = "1"

import pandas as pd  # noqa: E402

peer, *files = sys.argv[1:]
reference, current = (
    pd.read_csv(file) if file.endswith(".csv") else pd.read_parquet(file) for file in files
)
if peer == "evidently":
    from evidently import Report
    from evidently.presets import DataDriftPreset

    snapshot = Report([DataDriftPreset()]).run(current, reference)
    columns = len(json.loads(snapshot.json())["metrics"])
else:
    import nannyml

    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(reference.columns),
        treat_as_categorical=[name for name in reference.columns if name.startswith("c")],
        continuous_methods=["kolmogorov_smirnov", "jensen_shannon"],
        categorical_methods=["chi2", "jensen_shannon"],
        chunk_number=10,
    )
    calculator.fit(reference)
    columns = len(calculator.calculate(current).filter(period="analysis").to_df())
usage = resource.getrusage(resource.RUSAGE_SELF)
figures = {
    "results": columns,
    "processorSeconds": usage.ru_utime + usage.ru_stime,
    "peakMb": usage.ru_maxrss / 1024,
}
print(json.dumps(figures))
