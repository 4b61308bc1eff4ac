"""CPU and memory as the kernel states them, in both versions of its control groups."""

from pathlib import Path

from mixillo.ops import machine

MIB = 1024**2


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own"
    path.write_text(text)
    return path


def test_version_two_in_a_container(tmp_path: Path) -> None:
    files = {"memory.max": f"{512 * MIB}\n", "memory.current": f"{100 * MIB}\n", "cpu.max": "100000 100000\n"}
    root, mine = write(tmp_path / "cgroup", files), own(tmp_path, "0::/\n")
    memory = machine.memory(root, mine)
    assert (memory.limit, memory.group) == (512 * MIB, 100 * MIB)
    assert (memory.used, memory.available) == (100 * MIB, 512 * MIB)
    assert machine.cpu(root, mine).limit == 1.0


def test_version_two_takes_the_tightest_limit_of_the_groups_around(tmp_path: Path) -> None:
    files = {
        "memory.max": "max\n",
        "service/memory.max": f"{256 * MIB}\n",
        "service/app/memory.max": f"{512 * MIB}\n",
        "service/app/memory.current": f"{10 * MIB}\n",
        "service/memory.current": f"{30 * MIB}\n",
        "service/cpu.max": "50000 100000\n",
        "service/app/cpu.max": "max 100000\n",
    }
    root, mine = write(tmp_path / "cgroup", files), own(tmp_path, "0::/service/app\n")
    memory = machine.memory(root, mine)
    assert (memory.limit, memory.group) == (256 * MIB, 10 * MIB)
    assert machine.cpu(root, mine).limit == 0.5


def test_version_one_where_the_group_has_the_hosts_path(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": f"{512 * MIB}\n",
        "memory/memory.usage_in_bytes": f"{77 * MIB}\n",
        "cpu/cpu.cfs_quota_us": "200000\n",
        "cpu/cpu.cfs_period_us": "100000\n",
    }
    root = write(tmp_path / "cgroup", files)
    mine = own(tmp_path, "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n")
    memory = machine.memory(root, mine)
    assert (memory.limit, memory.group) == (512 * MIB, 77 * MIB)
    assert machine.cpu(root, mine).limit == 2.0


def test_no_limit_is_none_and_the_machine_is_what_there_is(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/memory.usage_in_bytes": f"{77 * MIB}\n",
        "cpu/cpu.cfs_quota_us": "-1\n",
        "cpu/cpu.cfs_period_us": "100000\n",
    }
    root, mine = write(tmp_path / "cgroup", files), own(tmp_path, "4:memory:/\n1:cpu:/\n")
    memory, cpu = machine.memory(root, mine), machine.cpu(root, mine)
    assert (memory.limit, cpu.limit) == (None, None)
    assert memory.available == memory.machine > 0
    assert memory.used == memory.process  # what others in the group use does not count against this machine
    assert cpu.available == cpu.machine >= 1


def test_without_control_groups_the_process_is_measured_itself(tmp_path: Path) -> None:
    memory = machine.memory(tmp_path / "none", tmp_path / "neither")
    assert memory.group is None
    assert memory.used == memory.process > MIB
    assert 0 < memory.share < 1


def test_the_mean_use_of_the_cpu_is_over_a_span_that_is_told() -> None:
    meter = machine.CpuMeter(minimum=0.0)
    sum(range(300_000))
    used, seconds = meter.look()
    assert used > 0
    assert seconds > 0
    steady = machine.CpuMeter(minimum=60.0)
    first = steady.look()
    sum(range(300_000))
    assert steady.look() == first


def test_the_software_is_what_is_installed() -> None:
    found = machine.software()
    assert found["pymongo"] == "4.20.0"
    assert "pytest" not in found
