//! `Cargo.lock` files, as cargo writes them.

use std::fmt;

/// The packages of a lock file.
#[derive(Default)]
pub struct Lock {
    /// What precedes the packages, such as the version of the format.
    header: String,
    packages: Vec<Package>,
}

#[derive(Clone)]
struct Package {
    name: String,
    version: String,
    /// `None` for a package in a folder: nothing fixes its version.
    source: Option<String>,
    checksum: Option<String>,
    /// Each with its version, so that they stay unambiguous when other packages join.
    dependencies: Vec<String>,
}

impl Lock {
    pub fn parse(text: &str) -> Lock {
        let mut parts = text.split("[[package]]\n");
        let header = parts.next().unwrap_or_default().to_owned();
        let mut packages: Vec<Package> = parts.filter_map(Package::parse).collect();
        let versions: Vec<_> = packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
        for dependency in packages.iter_mut().flat_map(|package| &mut package.dependencies) {
            let mut found = versions.iter().filter(|(name, _)| name == dependency);
            if let (Some((_, version)), None) = (found.next(), found.next()) {
                *dependency = format!("{dependency} {version}");
            }
        }
        Lock { header, packages }
    }

    /// Adds the downloaded packages of `other`, each instead of those that it is compatible with, since a program has
    /// only one of these. Returns whether anything has changed.
    pub fn add(&mut self, other: &Lock) -> bool {
        if self.header.is_empty() {
            self.header.clone_from(&other.header);
        }
        let new: Vec<_> = other.missing_in(self).cloned().collect();
        for package in &new {
            self.packages.retain(|old| !old.is_replaced_by(package));
            self.packages.push(package.clone());
        }
        self.packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        !new.is_empty()
    }

    /// Whether `other` has a package in another version that would have done.
    pub fn is_replaced_by(&self, other: &Lock) -> bool {
        other.missing_in(self).any(|new| self.packages.iter().any(|old| old.is_replaced_by(new)))
    }

    /// Whether all downloaded packages of `other` are in this one too.
    pub fn includes(&self, other: &Lock) -> bool {
        other.missing_in(self).next().is_none()
    }

    /// The downloaded packages that `other` does not have.
    pub fn without(&self, other: &Lock) -> Lock {
        Lock { header: self.header.clone(), packages: self.missing_in(other).cloned().collect() }
    }

    fn missing_in<'a>(&'a self, other: &'a Lock) -> impl Iterator<Item = &'a Package> {
        let downloaded = self.packages.iter().filter(|package| package.source.is_some());
        downloaded.filter(|package| !other.packages.iter().any(|another| another.is(package)))
    }
}

impl Package {
    fn parse(part: &str) -> Option<Package> {
        // Another kind of entry may follow the last package.
        let part = part.split("\n[").next()?;
        let value = |key: &str| {
            let values =
                part.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
            values.map(str::to_owned).next()
        };
        let dependencies = part.lines().filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\","));
        Some(Package {
            name: value("name")?,
            version: value("version")?,
            source: value("source"),
            checksum: value("checksum"),
            dependencies: dependencies.map(str::to_owned).collect(),
        })
    }

    fn is(&self, other: &Package) -> bool {
        (&self.name, &self.version, &self.source) == (&other.name, &other.version, &other.source)
    }

    fn is_replaced_by(&self, new: &Package) -> bool {
        (&self.name, &self.source) == (&new.name, &new.source)
            && self.version != new.version
            && compatibility(&self.version) == compatibility(&new.version)
    }
}

/// The part of a version that two versions share if cargo considers them compatible: up to its first number but zero.
fn compatibility(version: &str) -> Vec<&str> {
    if version.contains('-') {
        return vec![version]; // a pre-release
    }
    let mut found = Vec::new();
    for number in version.split(['.', '+']).take(3) {
        found.push(number);
        if number != "0" {
            break;
        }
    }
    found
}

impl fmt::Display for Lock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n\n", self.header.trim_end())?;
        let texts: Vec<_> = self.packages.iter().map(Package::to_string).collect();
        write!(out, "{}", texts.join("\n"))
    }
}

impl fmt::Display for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "[[package]]\nname = \"{}\"\nversion = \"{}\"", self.name, self.version)?;
        for (key, value) in [("source", &self.source), ("checksum", &self.checksum)] {
            if let Some(value) = value {
                writeln!(out, "{key} = \"{value}\"")?;
            }
        }
        if !self.dependencies.is_empty() {
            writeln!(out, "dependencies = [")?;
            for dependency in &self.dependencies {
                writeln!(out, " \"{dependency}\",")?;
            }
            writeln!(out, "]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "# Generated.\nversion = 4\n\n";

    fn package(name: &str, version: &str, dependencies: &[&str]) -> String {
        let list = dependencies.iter().map(|dependency| format!(" \"{dependency}\",\n")).collect::<String>();
        let list = if list.is_empty() { list } else { format!("dependencies = [\n{list}]\n") };
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+index\"\nchecksum = \"0f\"\n{list}"
        )
    }

    fn lock(packages: &[String]) -> Lock {
        Lock::parse(&format!("{HEADER}{}", packages.join("\n")))
    }

    #[test]
    fn what_is_new_joins_and_stays_unambiguous() {
        let mut pins = lock(&[package("a", "1.0.0", &["b"]), package("b", "0.8.1", &[])]);
        let resolved = lock(&[package("b", "0.9.0", &[]), package("c", "1.0.0", &["b"])]);
        assert!(pins.add(&resolved));
        let expected = [
            package("a", "1.0.0", &["b 0.8.1"]),
            package("b", "0.8.1", &[]),
            package("b", "0.9.0", &[]),
            package("c", "1.0.0", &["b 0.9.0"]),
        ];
        assert_eq!(pins.to_string(), format!("{HEADER}{}", expected.join("\n")));
        assert!(!pins.add(&resolved));
        assert!(pins.includes(&resolved) && !resolved.includes(&pins));
        assert_eq!(pins.without(&resolved).to_string().matches("[[package]]").count(), 2);
    }

    #[test]
    fn a_compatible_version_replaces_the_old_one() {
        for (old, new, replaced) in [
            ("1.2.0", "1.3.0", true),
            ("0.8.5", "0.8.6", true),
            ("0.0.1", "0.0.2", false),
            ("1.0.0-rc.1", "1.0.0", false),
            ("1.0.0", "2.0.0", false),
            ("0.8.5", "0.9.0", false),
            ("1.0.0+9.0", "1.0.1+9.1", true),
        ] {
            let mut pins = lock(&[package("a", old, &[])]);
            pins.add(&lock(&[package("a", new, &[])]));
            assert_eq!(!pins.to_string().contains(&format!("\"{old}\"")), replaced, "{old} {new}");
        }
    }

    #[test]
    fn packages_in_folders_and_other_entries_fix_nothing() {
        let mut pins = Lock::default();
        let own = "[[package]]\nname = \"own\"\nversion = \"1.0.0\"\n";
        let rest = "\n[[patch.unused]]\nname = \"unused\"\nversion = \"1.0.0\"\n";
        let other = Lock::parse(&format!("{HEADER}{own}\n{}{rest}", package("z", "1.0.0", &[])));
        assert!(pins.add(&other));
        assert_eq!(pins.to_string(), format!("{HEADER}{}", package("z", "1.0.0", &[])));
    }
}
