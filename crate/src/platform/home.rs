//! The user's home in paths that no shell has looked at: those of environment variables, and of options with `=`. And what of
//! it is the library's own.

use std::path::{Path, PathBuf};

/// The path with a `~` at its beginning replaced by the user's home, as a shell does it; any other as it is.
pub fn expand(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    match (path.strip_prefix("~"), dirs::home_dir()) {
        // Joined with nothing, a path would get a slash at its end.
        (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => home,
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

/// The library's own folder in the user's cache folder, if the system has one.
pub fn cache_folder() -> Option<PathBuf> {
    dirs::cache_dir().map(|dir| dir.join("gan_nb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tilde_of_its_own_is_the_home() {
        let home = dirs::home_dir().unwrap();
        assert_eq!(["~", "~/", "~/a/b"].map(expand), [home.clone(), home.clone(), home.join("a/b")]);
        for other in ["", "a/~", "~other/a", "/~", "./~"] {
            assert_eq!(expand(other), Path::new(other));
        }
    }
}
