//! `tests/ir/**.ir`: the text form, the verifier, the interpreter and single passes.

use gelcap_tests::{case, conclude, ir_case, on_big_stack, root};

#[test]
fn ir() {
    let (count, complaints) = on_big_stack(|| {
        let files = case::files(&root().join("tests/ir"), "ir");
        let check = |path: &std::path::PathBuf| {
            let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
            match std::fs::read_to_string(path) {
                Ok(source) => ir_case::check(&name, &source),
                Err(e) => vec![format!("{name}: {e}")],
            }
        };
        (files.len(), files.iter().flat_map(check).collect::<Vec<_>>())
    });
    conclude(&format!("{count} files"), &complaints);
}
