//! Files that appear whole or not at all: each is written beside its place under another name and then renamed, all of
//! them after everything has been compiled and written.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::input::reason;
use crate::report::Stop;

/// Files to be written into one folder.
pub struct Outputs {
    folder: PathBuf,
    files: Vec<Output>,
}

struct Output {
    name: String,
    bytes: Vec<u8>,
    remark: String,
}

impl Outputs {
    pub fn new(folder: PathBuf) -> Outputs {
        Outputs { folder, files: Vec::new() }
    }

    /// Adds a file; the remark is shown behind its name. Two of one name would be two sources of one module.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>, remark: &str) -> Result<(), Stop> {
        if self.files.iter().any(|file| file.name == name) {
            return Err(Stop::with_help(
                format!("two of the files would be written to {name}"),
                "build them one by one",
            ));
        }
        self.files.push(Output { name: name.to_owned(), bytes, remark: remark.to_owned() });
        Ok(())
    }

    /// Writes all files; gives a line about each.
    pub fn write(self) -> Result<Vec<String>, Stop> {
        let cannot = |path: &Path, e: &std::io::Error| {
            let help = "choose another directory with -o";
            Stop::with_help(format!("cannot write to {}: {}", path.display(), reason(e)), help)
        };
        fs::create_dir_all(&self.folder).map_err(|e| cannot(&self.folder, &e))?;
        let mut staged = Staged(Vec::new());
        for file in &self.files {
            let temporary = self.folder.join(format!(".{}.{}.tmp", file.name, std::process::id()));
            staged.0.push(temporary.clone());
            write_new(&temporary, &file.bytes).map_err(|e| cannot(&self.folder.join(&file.name), &e))?;
        }
        for (temporary, file) in staged.0.iter().zip(&self.files) {
            let path = self.folder.join(&file.name);
            fs::rename(temporary, &path).map_err(|e| cannot(&path, &e))?;
        }
        let line = |file: &Output| {
            let path = self.folder.join(&file.name);
            let colon = if file.remark.is_empty() { "" } else { ": " };
            format!("{}{colon}{}\n", path.display(), file.remark)
        };
        Ok(self.files.iter().map(line).collect())
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)
}

/// Temporary files, which go away with it: those that were renamed are no longer there.
struct Staged(Vec<PathBuf>);

impl Drop for Staged {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_appear_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("gelcap-output-{}", std::process::id()));
        let mut outputs = Outputs::new(folder.join("new"));
        assert!(outputs.add("a.so", b"12".to_vec(), "f").is_ok());
        assert!(outputs.add("a.pyi", b"3".to_vec(), "").is_ok());
        assert!(outputs.add("a.so", Vec::new(), "").is_err());
        let lines = outputs.write().expect("a folder of our own");
        assert!(lines[0].ends_with("a.so: f\n") && lines[1].ends_with("a.pyi\n"), "{lines:?}");
        let names = |folder: &Path| fs::read_dir(folder).expect("it exists").count();
        assert_eq!((names(&folder.join("new")), fs::read(folder.join("new/a.so")).ok()), (2, Some(b"12".to_vec())));
        // The second file cannot be written, as its name is too long: the first is not left behind.
        let mut outputs = Outputs::new(folder.join("other"));
        assert!(outputs.add("b.so", b"12".to_vec(), "").is_ok());
        assert!(outputs.add(&"c".repeat(300), b"12".to_vec(), "").is_ok());
        assert!(matches!(outputs.write(), Err(Stop::Message { .. })));
        assert_eq!(names(&folder.join("other")), 0);
        fs::remove_dir_all(&folder).expect("a folder of our own");
    }
}
