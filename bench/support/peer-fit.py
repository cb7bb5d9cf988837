"""Fits a peer's estimator to the data that fit-once.ts left; prints the figures as JSON.

Arguments: library, threads, estimator, task, rows, repetitions, folder.
"""

import json
import os
import statistics
import sys
import time

library, threads, estimator, task, rows, repetitions, folder = sys.argv[1:]
rows = int(rows)
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads

import numpy as np  # noqa: E402
from sklearn.ensemble import (  # noqa: E402
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

if library == "lightgbm":
    from lightgbm import LGBMClassifier, LGBMRegressor

x = np.ascontiguousarray(np.fromfile(os.path.join(folder, "x")).reshape(20, -1).T)
target = (
    np.fromfile(os.path.join(folder, "z"))
    if task == "regression"
    else np.fromfile(os.path.join(folder, "y"), dtype=np.int32)
)
make = {
    ("sklearn", "forest", "classification"): lambda: RandomForestClassifier(
        100, random_state=1, n_jobs=int(threads)
    ),
    # As many features at a split as ours tries.
    ("sklearn", "forest", "regression"): lambda: RandomForestRegressor(
        100, max_features=1 / 3, random_state=1, n_jobs=int(threads)
    ),
    ("sklearn", "boosting", "classification"): lambda: HistGradientBoostingClassifier(random_state=1),
    ("sklearn", "boosting", "regression"): lambda: HistGradientBoostingRegressor(random_state=1),
    ("lightgbm", "boosting", "classification"): lambda: LGBMClassifier(
        random_state=1, n_jobs=int(threads), verbose=-1
    ),
    ("lightgbm", "boosting", "regression"): lambda: LGBMRegressor(
        random_state=1, n_jobs=int(threads), verbose=-1
    ),
    ("sklearn", "logistic", "classification"): lambda: make_pipeline(
        StandardScaler(), LogisticRegression()
    ),
    ("sklearn", "linear", "regression"): lambda: make_pipeline(StandardScaler(), Ridge()),
}[library, estimator, task]
seconds = []
for _ in range(int(repetitions)):
    begin = time.perf_counter()
    model = make().fit(x[:rows], target[:rows])
    seconds.append(time.perf_counter() - begin)
score = model.score(x[rows:], target[rows:])
print(json.dumps({"peerSeconds": statistics.median(seconds), "peerScore": score}))
