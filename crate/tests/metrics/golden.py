"""Where the numbers in golden.rs and resize.rs come from: scikit-image's SSIM and PSNR, Pillow's bicubic resize.

    pip install scikit-image pillow && python golden.py
"""
import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def picture(phase, side=16):
    """As `picture` in main.rs: three channels of waves, float32 in [-1, 1]."""
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    return np.sin(0.9 * x + 0.4 * y * (c + 1) + phase).astype(np.float32)


a = picture(0.0)
for name, b in [("phase 0.3", picture(0.3)), ("half contrast", a / 2), ("negative", -a)]:
    ssim = structural_similarity((a + 1) / 2, (b + 1) / 2, data_range=1, channel_axis=2, gaussian_weights=True, sigma=1.5,
                                 use_sample_covariance=False)
    print(f"{name}: SSIM {ssim:.6f} PSNR {peak_signal_noise_ratio(a, b, data_range=2):.4f}")
for side in [4, 6, 40]:
    small = np.stack([np.asarray(Image.fromarray(a[:, :, c]).resize((side, side), Image.BICUBIC)) for c in range(3)], -1)
    small = small.clip(-1, 1)
    print(f"side {side}: mean {small.mean():.6f}, row 1: {[round(float(v), 5) for v in small[1, :4].flatten()]}")
