import subprocess
import sys


def test_memory_is_kept_where_the_c_library_can():
    """In a process of its own: the setting cannot be taken back."""
    code = "from tidegate.ops.memory import keep_large_blocks; print(keep_large_blocks())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in {"True", "False"}
    if sys.platform.startswith("linux"):
        import platform

        assert done.stdout.strip() == str(platform.libc_ver()[0] == "glibc")
