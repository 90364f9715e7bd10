//! How much memory a process can have, as Linux and CUDA tell it.

use std::fs;
use std::path::{Path, PathBuf};
use tch::Device;

/// The bytes that this process can have on a device; none where nobody says.
pub(crate) fn available_on(device: Device) -> Option<u64> {
    match device {
        Device::Cpu => room(Path::new("/")),
        #[cfg(target_os = "linux")]
        device => super::ffi::cuda::room(device),
        #[cfg(not(target_os = "linux"))]
        _ => None,
    }
}

/// The bytes that this process can have: what is free now, and what it holds, for that may be an earlier iteration's, to be
/// used again. `root` is where the system's own files are.
fn room(root: &Path) -> Option<u64> {
    let system = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let own = fs::read_to_string(root.join("proc/self/status")).ok()?;
    let free = limits(root).chain([kib(&system, "MemAvailable")?]).min()?;
    Some(free + kib(&system, "SwapFree").unwrap_or(0) + kib(&own, "RssAnon")?)
}

/// From a line as `MemAvailable:   23260252 kB`, in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// What is left in each control group that this process is in, where one has a limit: a container's, or a service's.
fn limits(root: &Path) -> impl Iterator<Item = u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mount = root.join("sys/fs/cgroup");
    let folders = groups.lines().flat_map(|line| folders(&mount, line)).collect::<Vec<_>>();
    folders.into_iter().filter_map(|folder| left_in(&folder))
}

/// The folders of a group and of those around it, from a line as `0::/user/session` (version 2 of control groups) or
/// `4:memory:/docker/1` (version 1). In a container those outside it are not to be seen.
fn folders(mount: &Path, line: &str) -> Vec<PathBuf> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { return Vec::new() };
    let base = match controllers {
        "" => mount.to_path_buf(),
        _ if controllers.split(',').any(|name| name == "memory") => mount.join("memory"),
        _ => return Vec::new(),
    };
    let folder = base.join(path.trim_start_matches('/'));
    folder.ancestors().take_while(|folder| folder.starts_with(&base)).map(PathBuf::from).collect()
}

/// What a control group's limit leaves, in bytes. What files hold in memory counts as free, as it can be dropped.
fn left_in(folder: &Path) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    // "max", where there is no limit, is no number.
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    let limit = number("memory.max").or_else(|| number("memory.limit_in_bytes"))?;
    let used = number("memory.current").or_else(|| number("memory.usage_in_bytes"))?;
    let stat = read("memory.stat").unwrap_or_default();
    // Version 1 has each number twice; those with groups inside are called total.
    let value = |name: &str| stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    let files = ["inactive_file ", "active_file "].map(|name| value(&format!("total_{name}")).or_else(|| value(name)));
    Some(limit.saturating_sub(used.saturating_sub(files.into_iter().flatten().sum())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A system of which these files are known: 8 GiB available, 1 GiB swap, 100 MiB held by this process.
    fn system(cgroup: &str, files: &[(&str, &str)]) -> u64 {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable:    8388608 kB\nSwapFree:        1048576 kB\n");
        write("proc/self/status", "Name:\ttest\nVmRSS:\t  999999 kB\nRssAnon:\t  102400 kB\n");
        write("proc/self/cgroup", cgroup);
        files.iter().for_each(|(path, text)| write(&format!("sys/fs/cgroup/{path}"), text));
        room(root.path()).unwrap() >> 20
    }

    const REST: u64 = 1024 + 100;

    #[test]
    fn without_a_limit_it_is_what_the_system_has() {
        assert_eq!(system("", &[]), 8192 + REST);
        assert_eq!(system("0::/\n", &[("memory.max", "max\n"), ("memory.current", "1048576\n")]), 8192 + REST);
    }

    #[test]
    fn the_narrowest_group_counts() {
        let outer = [("a/memory.max", "2147483648\n"), ("a/memory.current", "1610612736\n")];
        let inner = [("a/b/memory.max", "1073741824\n"), ("a/b/memory.current", "0\n")];
        let stat = [("a/memory.stat", "anon 5\ninactive_file 104857600\nactive_file 104857600\nfile 7\n")];
        assert_eq!(system("0::/a/b\n", &[&inner[..]].concat()), 1024 + REST);
        assert_eq!(system("0::/a/b\n", &[&outer[..], &inner[..]].concat()), 512 + REST);
        assert_eq!(
            system("0::/a/b\n", &[&outer[..], &inner[..], &stat[..]].concat()),
            712 + REST,
            "files can be dropped"
        );
    }

    #[test]
    fn groups_of_version_1() {
        let lines = "5:cpu,cpuacct:/other\n4:memory:/docker/1\n0::/\n";
        let stat = "inactive_file 1\ntotal_inactive_file 104857600\ntotal_active_file 0\n";
        // In a container: its own group is mounted as the root.
        let files = [("memory/memory.limit_in_bytes", "1073741824"), ("memory/memory.usage_in_bytes", "536870912")];
        let huge = [("memory/memory.limit_in_bytes", "9223372036854771712"), ("memory/memory.usage_in_bytes", "0")];
        assert_eq!(system(lines, &files), 512 + REST);
        assert_eq!(system(lines, &[&files[..], &[("memory/memory.stat", stat)]].concat()), 612 + REST);
        assert_eq!(system(lines, &huge), 8192 + REST);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_says_how_much_it_has() {
        let room = room(Path::new("/")).unwrap();
        assert!((1 << 24..1 << 50).contains(&room), "{room}");
    }
}
