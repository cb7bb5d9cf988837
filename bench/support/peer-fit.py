"""Fits scikit-learn's estimator to the data that fit-once.ts left, on one thread; prints the figures as JSON.

Arguments: estimator, rows, repetitions, folder.
"""

import json
import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression, Ridge  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

estimator, rows, repetitions, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
x = np.ascontiguousarray(np.fromfile(os.path.join(folder, "x")).reshape(20, -1).T)
y = np.fromfile(os.path.join(folder, "y"), dtype=np.int32)
z = np.fromfile(os.path.join(folder, "z"))
make = {
    "forest": lambda: RandomForestClassifier(100, random_state=1, n_jobs=1),
    "boosting": lambda: HistGradientBoostingClassifier(random_state=1),
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "linear": lambda: make_pipeline(StandardScaler(), Ridge()),
}[estimator]
target = z if estimator == "linear" else y
seconds = []
for _ in range(repetitions):
    begin = time.perf_counter()
    model = make().fit(x[:rows], target[:rows])
    seconds.append(time.perf_counter() - begin)
score = model.score(x[rows:], target[rows:])
print(json.dumps({"peerSeconds": statistics.median(seconds), "peerScore": score}))
