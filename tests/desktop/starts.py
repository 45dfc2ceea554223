"""What draws the window, and what is said where nothing can."""

import os
import subprocess

import pictures
from console import BIN, PROGRAM, Console, must, private_folder

# A Vulkan loader that finds no driver, and wgpu told to use nothing else.
NO_VULKAN = {"WGPU_BACKEND": "vulkan", "VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent"}
ENDS_WITHIN_SECS = 30


def renderers():
    with Console("--renderer", "glow") as console:
        pictures.take(console, "renderer-glow")
        console.send("invalid_request")
    # wgpu cannot start: OpenGL is tried by itself, and the whole window works.
    with Console(env=NO_VULKAN) as console:
        pictures.take(console, "renderer-fallback")
        console.send("invalid_request")


def without_a_screen():
    """Neither renderer can start: words, what to do, status 1, and no trace of a panic."""
    no_screen = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    for what, env, arguments in (
        ("no display", no_screen, []),
        ("no Vulkan and wgpu only", {**os.environ, **NO_VULKAN}, ["--renderer", "wgpu"]),
    ):
        ended = subprocess.run(
            [BIN / PROGRAM, "--data-dir", private_folder("data"), *arguments],
            env=env, capture_output=True, text=True, timeout=ENDS_WITHIN_SECS,
        )
        told = ended.stderr
        must(ended.returncode == 1, f"{what}: ended with {ended.returncode}, not 1: {told[-500:]}")
        must("no window could be opened" in told.lower(), f"{what}: does not say that no window could be opened: {told[-500:]}")
        must("--renderer" in told and "altyaa" in told, f"{what}: does not say what to do: {told[-500:]}")
        must(".rs" not in told, f"{what}: a source file is named: {told[-500:]}")
        must("panicked" not in told and "RUST_BACKTRACE" not in told, f"{what}: a panic is shown: {told[-500:]}")
        must(not ended.stdout, f"{what}: something is on standard output: {ended.stdout[:200]}")
