"""Where the numbers in distances.rs and src/metrics/kernel.rs come from: the functions of three public packages, on points that both sides compute.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 prdc==0.2
    pip download --no-deps pytorch-fid==0.3.0 torch-fidelity==0.4.0 && python golden_features.py

The last two import torch at their head, of which the functions used here make no use: they are taken out of the wheels alone.
"""
import ast
import glob
import zipfile

import numpy as np
from prdc.prdc import compute_prdc
from scipy import linalg


def function(wheel, file, name):
    """One function of a file in a wheel."""
    source = zipfile.ZipFile(glob.glob(wheel)[0]).read(file).decode()
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name in name]
    defaults = {"kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}
    get_kwarg = lambda key, _: defaults[key]  # torch_fidelity/defaults.py
    scope = {"np": np, "linalg": linalg, "vassert": lambda fits, _: None, "get_kwarg": get_kwarg}
    exec(compile(ast.Module(nodes, []), file, "exec"), scope)
    return [scope[node] for node in name]


def points(count, coordinates, phase, spread):
    """As `points` in distances.rs: no random numbers, so that both sides have the same to the last digits of float32."""
    i, j = np.meshgrid(np.arange(count), np.arange(coordinates), indexing="ij")
    x = np.sin(0.7 * i + 1.3 * j * j + phase) + 0.5 * np.sin(0.013 * i * i + 0.4 * j + 2 * phase)
    return (spread * x + 0.2 * phase).astype(np.float32)


(frechet,) = function("pytorch_fid-0.3.0*.whl", "pytorch_fid/fid_score.py", ["calculate_frechet_distance"])
kernel_poly, mmd2 = function("torch_fidelity-0.4.0*.whl", "torch_fidelity/metric_kid.py", ["kernel_poly", "mmd2"])
a, b, few = points(400, 12, 0.0, 1.0), points(300, 12, 0.6, 1.2), points(8, 12, 0.3, 1.0)


def moments(x):
    x = x.astype(np.float64)
    return x.mean(0), np.cov(x, rowvar=False)


print(f"Frechet distance a, b: {frechet(*moments(a), *moments(b)):.9f}")
print(f"Frechet distance a, few: {frechet(*moments(a), *moments(few)):.6f}")
x, y = a[:300].astype(np.float64), b.astype(np.float64)
print(f"kernel distance a[:300], b: {mmd2(kernel_poly(x, x), kernel_poly(x, y), kernel_poly(y, y)):.9f}")
for k in [1, 3, 5]:
    found = compute_prdc(a, b, k)
    print(f"k {k}: precision {found['precision']:.9f}, recall {found['recall']:.9f}")
