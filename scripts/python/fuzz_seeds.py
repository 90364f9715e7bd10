"""First inputs for crate/fuzz's targets: `fuzz_seeds.py FOLDER` makes a folder in it for each target.

All are small; each is the shortest input that takes a reader down one more of its paths. If a target's first byte says how
it reads the rest (see crate/fuzz/fuzz_targets/), that byte comes first here too.
"""

import gzip
import io
import json
import shutil
import struct
import sys
import tarfile
from pathlib import Path

tarfile.RECORDSIZE = tarfile.BLOCKSIZE  # otherwise each archive is padded to 10 KB

RECORD = bytes([7]) + bytes(3072)
NAMES = ["data_batch_1.bin", "data_batch_2.bin"]
SETTINGS = {
    "seed": 42,
    "learning_rate": 0.001,
    "beta_1": 0.9,
    "fakes_in_training_mode": False,
    "real_label": 1.0,
    "latent_dim": 100,
    "batch_norm_momentum": 0.8,
}
STEP = {"d_loss_real": 0.7, "d_acc_real": 0.5, "d_loss_fake": 0.7, "d_acc_fake": 0.5, "g_loss": 0.7, "seconds": 0.1}


def tar(*entries, form=tarfile.USTAR_FORMAT):
    """An archive of (name, type, content) entries in this format."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content), "../../outside" if not content else ""
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def cifar_archive():
    plain, link = tarfile.REGTYPE, tarfile.SYMTYPE
    both = tar(*((f"cifar-10-batches-bin/{name}", plain, RECORD) for name in NAMES))
    as_tar, as_gzip, large = b"\x01", b"\x00", b"\x03"
    yield as_tar + both
    yield as_gzip + gzip.compress(both, mtime=0)
    # In two members, as pigz and others write.
    yield as_gzip + gzip.compress(both[:4096], mtime=0) + gzip.compress(both[4096:], mtime=0)
    yield as_tar + tar((f"../../{NAMES[0]}", link, b""), (f"/tmp/{NAMES[1]}", plain, b""))
    yield as_tar + tar(("long/" * 30 + NAMES[0], plain, b""), form=tarfile.GNU_FORMAT)
    yield as_tar + tar(("é/" + NAMES[0], plain, b""), form=tarfile.PAX_FORMAT)
    # The header of a file of 2000 records, and nothing after it.
    claim = tarfile.TarInfo(NAMES[0])
    claim.size = 2000 * len(RECORD)
    yield large + claim.tobuf(tarfile.USTAR_FORMAT)


def cifar_batch():
    yield b"\x00" + RECORD
    yield b"\x03" + RECORD[:64]
    yield b"\x01\x0a"


RUN = {"gan": SETTINGS, "batch_size": 32, "iterations": 2, "sample_interval": 1, "mixed_precision": False}


def config():
    yield json.dumps({**RUN, "data": {"name": "CIFAR-10", "images": 50000, "md5": "0" * 32}}).encode()
    # Without the settings that have a default.
    short = {name: value for name, value in SETTINGS.items() if name not in ("latent_dim", "batch_norm_momentum")}
    yield json.dumps({"gan": short, "batch_size": 1, "iterations": 1, "sample_interval": 1}).encode()


def history():
    extreme = dict.fromkeys(STEP, 3.4e38)
    for steps in ([STEP, {**STEP, "g_loss": None}], [], [extreme, STEP]):
        yield b"\x00" + b"".join(json.dumps(step).encode() + b"\n" for step in steps) + b'{"half'
    for times in (1, 255):
        yield bytes([1, times]) + struct.pack("<12f", *STEP.values(), *extreme.values())


def checkpoint():
    for latent_dim, names in ((1, ["discriminator/dense/bias", "generator/dense/kernel"]), (10000, [])):
        run = {**RUN, "gan": {**SETTINGS, "latent_dim": latent_dim}}
        note = {"run": {"config": run, "iteration": 0, "d_steps": 0, "g_steps": 0, "streams": [0, 0]}}
        # The checksum comes first; the target fills it in.
        text = json.dumps({"md5": "0" * 32, **note}, separators=(",", ":"))
        header = {"__metadata__": {"gan_nb": text}}
        for place, name in enumerate(names):
            header[name] = {"dtype": "F32", "shape": [1], "data_offsets": [4 * place, 4 * place + 4]}
        text = json.dumps(header, separators=(",", ":")).encode()
        yield b"\x00" + len(text).to_bytes(8, "little") + text + bytes(4 * len(names))
        yield b"\x01" + text
    yield b"\x02" + bytes([8, 0, ord("{")])  # a file that a run wrote, unchanged


def main():
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    for target in (cifar_archive, cifar_batch, checkpoint, config, history):
        (folder / target.__name__).mkdir(parents=True)
        for number, content in enumerate(target()):
            (folder / target.__name__ / str(number)).write_bytes(content)


if __name__ == "__main__":
    main()
