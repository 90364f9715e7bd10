//! How much memory is left for a spare, which must never take it from a kernel that computes.

use std::{fs, path::Path};

/// A spare is started when this many bytes are available: it takes about 0.3 GiB itself.
const TO_START: u64 = 3 << 30;
/// It ends when fewer are.
const TO_STAY: u64 = 1 << 30;

pub fn is_enough_to_start() -> bool {
    available().is_some_and(|bytes| bytes >= TO_START)
}

pub fn is_enough_to_stay() -> bool {
    available().is_some_and(|bytes| bytes >= TO_STAY)
}

/// The bytes that the system, and the limits of this process's control groups, leave; `None` where the system does not tell.
fn available() -> Option<u64> {
    let system = of_system(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    Some(limit(&group, Path::new("/sys/fs/cgroup")).map_or(system, |limit| limit.min(system)))
}

fn of_system(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

/// What the group that `cgroup` names, or one of those around it, leaves of its limit.
fn limit(cgroup: &str, root: &Path) -> Option<u64> {
    let own = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let number = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
    let left = |folder: &Path| {
        let (limit, used) = (number(folder, "memory.max")?, number(folder, "memory.current")?);
        // Files that nobody has read lately are given up first.
        let statistics = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let files = statistics.lines().find_map(|line| line.strip_prefix("inactive_file ")?.parse::<u64>().ok());
        Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
    };
    root.join(own).ancestors().take_while(|folder| folder.starts_with(root)).filter_map(left).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_has() {
        assert_eq!(of_system("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 << 20));
        assert_eq!(of_system("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn the_tightest_group_counts_and_its_idle_files_do_not() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("user/session");
        fs::create_dir_all(&inner).unwrap();
        let write = |folder: &Path, limit: &str, used: &str, files: &str| {
            fs::write(folder.join("memory.max"), limit).unwrap();
            fs::write(folder.join("memory.current"), used).unwrap();
            fs::write(folder.join("memory.stat"), format!("anon 1\ninactive_file {files}\n")).unwrap();
        };
        assert_eq!(limit("0::/user/session\n", root.path()), None, "no limits");
        write(&inner, "max\n", "500\n", "0");
        write(&root.path().join("user"), "1000\n", "700\n", "100");
        assert_eq!(limit("1:cpu:/\n0::/user/session\n", root.path()), Some(400));
        write(&inner, "650\n", "500\n", "50");
        assert_eq!(limit("0::/user/session\n", root.path()), Some(200));
    }
}
