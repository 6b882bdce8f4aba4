//! `tests/errors/**.py`: what is refused, and the whole message beside it in a `.stderr` file. `GELCAP_BLESS=1` rewrites
//! the messages; read the difference before you commit it.

use std::fs;
use std::path::Path;

use gelcap_compiler::options::Options;
use gelcap_tests::{case, compile, conclude, judges, root};

#[test]
fn errors() {
    let bless = std::env::var("GELCAP_BLESS").is_ok_and(|v| v == "1");
    let folder = root().join("tests/errors");
    let sources = case::files(&folder, "py");
    let mut complaints = Vec::new();
    for path in &sources {
        if let Err(why) = check(path, bless) {
            complaints.push(format!("{}: {why}", shown(path)));
        }
    }
    for message in case::files(&folder, "stderr") {
        if !message.with_extension("py").exists() {
            complaints.push(format!("{}: no source belongs to it", shown(&message)));
        }
    }
    conclude(&format!("{} messages", sources.len()), &complaints);
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn check(path: &Path, bless: bool) -> Result<(), String> {
    let source = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let options = Options::new(judges::targets()?[0].1.clone());
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let message = match compile::compile(&name, &source, &options) {
        Ok(_) => return Err("it compiles, so there is no message".into()),
        Err(message) => message,
    };
    if message.contains("internal compiler error") {
        return Err(message);
    }
    let golden = path.with_extension("stderr");
    if bless {
        return fs::write(&golden, message).map_err(|e| e.to_string());
    }
    match fs::read_to_string(&golden) {
        Err(_) => Err(format!("there is no {} (make bless writes it)", shown(&golden))),
        Ok(expected) if expected == message => Ok(()),
        Ok(expected) => Err(format!("the message differs\n--- expected\n{expected}--- got\n{message}")),
    }
}
