//! One program serves a SQLite file: while it does, it holds a lock beside it.
//!
//! The lock is the system's (`flock`), on a file of its own: it goes with the process, however that ends, and who closes
//! the database's own file would let go of SQLite's locks on it. Only who serves takes it; a backup, the doctor and an
//! import go on beside the server.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::AppError;

/// A SQLite file that nobody else serves, as long as this is not dropped.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

impl Hold {
    /// Takes the lock of a SQLite file, which need not be there yet.
    ///
    /// # Errors
    /// When another program serves it, which is named, no lock can be had there, or the file has a second name in a folder:
    /// under that it has another lock, and SQLite another log, by which two who write destroy it.
    pub fn take(database: &Path) -> Result<Self, AppError> {
        if let Ok(file) = fs::metadata(database)
            && file.is_file()
            && file.nlink() > 1
        {
            return Err(linked(database, &file));
        }
        let path = beside(database);
        let failed = |error| AppError::internal(format!("{}: {error}", path.display()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.mode(0o600).open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(database, lock)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // For whoever comes next and wants to know by whom.
        let told = lock
            .set_len(0)
            .and_then(|()| write!(lock, "{}", std::process::id()));
        // On a full disk it serves all the same.
        if let Err(error) = told {
            tracing::debug!(%error, "the lock does not say who holds it");
        }
        Ok(Self { _lock: lock })
    }
}

fn taken(database: &Path, mut lock: File) -> AppError {
    let mut holder = String::new();
    let by = match lock.read_to_string(&mut holder) {
        Ok(_) if holder.parse::<u32>().is_ok() => format!(" (process {holder})"),
        _ => String::new(),
    };
    AppError::internal(format!(
        "{} is served by another lianshen already{by}, and SQLite takes one server at a time: end that one first, or name \
         another file; nothing was changed",
        database.display()
    ))
}

fn linked(database: &Path, file: &fs::Metadata) -> AppError {
    let (name, links, inode) = (database.display(), file.nlink(), file.ino());
    AppError::internal(format!(
        "{name} is one of {links} hard links to the same file, and under each name SQLite keeps another log: two programs \
         would destroy it. Find the others with `find / -xdev -inum {inode}` and keep one name (a copy is made by `lianshen \
         backup`); nothing was changed"
    ))
}

/// The same file for all names of the database; hard links are refused before.
fn beside(database: &Path) -> PathBuf {
    let known = fs::canonicalize(database).or_else(|_| {
        let folder = database.parent().filter(|folder| *folder != Path::new(""));
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
        Ok::<_, std::io::Error>(
            database
                .file_name()
                .map_or(folder.clone(), |name| folder.join(name)),
        )
    });
    let mut name = known
        .unwrap_or_else(|_| database.to_owned())
        .into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::db::scratch::Scratch;

    #[test]
    fn one_holds_it_by_whatever_name_and_lets_go_of_it() {
        let scratch = Scratch::new();
        let (file, other) = (scratch.file(), scratch.folder().join("other.db"));
        let hold = Hold::take(&file).unwrap();
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &other).unwrap();
        for name in [
            &file,
            &other,
            &scratch.folder().join(".").join("lianshen.db"),
        ] {
            let refused = Hold::take(name).unwrap_err().to_string();
            let said = format!(
                "served by another lianshen already (process {})",
                std::process::id()
            );
            assert!(refused.contains(&said), "{refused}");
        }
        let lock = scratch.folder().join("lianshen.db.lock");
        let mode = fs::metadata(&lock).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        drop(hold);

        assert!(lock.exists(), "what is left stops nobody");
        Hold::take(&file).unwrap();
    }

    #[test]
    fn a_file_with_a_second_name_is_not_served_under_either() {
        let scratch = Scratch::new();
        let (file, other) = (scratch.file(), scratch.folder().join("other.db"));
        fs::write(&file, "").unwrap();
        fs::hard_link(&file, &other).unwrap();
        for name in [&file, &other] {
            let refused = Hold::take(name).unwrap_err().to_string();
            assert!(refused.contains("one of 2 hard links"), "{refused}");
        }

        fs::remove_file(&other).unwrap();

        Hold::take(&file).unwrap();
    }

    #[test]
    fn where_no_lock_can_be_the_place_is_named() {
        let scratch = Scratch::new();
        let nowhere = scratch.folder().join("missing").join("lianshen.db");
        let refused = Hold::take(&nowhere).unwrap_err().to_string();
        assert!(refused.contains("missing/lianshen.db.lock"), "{refused}");
    }
}
