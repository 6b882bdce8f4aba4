//! The same source gives the same bytes: every kernel of the corpus is compiled twice, for each target and level.

use gelcap_compiler::artifact::Artifact;
use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{self, Request};
use gelcap_tests::judges::{self, Verifying};
use gelcap_tests::{case, conclude, on_big_stack};

#[test]
fn compilation_is_deterministic() {
    let (count, complaints) = on_big_stack(|| {
        let cases = match case::cases("tests/kernels") {
            Ok(cases) => cases,
            Err(faults) => return (0, faults),
        };
        let targets = [judges::baseline(), Target::wasm(WasmFlavour::ImportedMemory)];
        let mut complaints = Vec::new();
        // What is typed by its arguments exports nothing by itself.
        for case in cases.iter().filter(|case| !case.from_arguments) {
            for target in &targets {
                for opt_level in [OptLevel::O0, OptLevel::O2] {
                    let options = Options { opt_level, ..Options::new(target.clone()) };
                    let compile = || compiled(&case.name, &case.source, &options);
                    match (compile(), compile()) {
                        (Ok(a), Ok(b)) if a == b => {}
                        (Ok(_), Ok(_)) => complaints.push(format!("{}: two compilations differ", case.name)),
                        (Err(why), _) | (_, Err(why)) => complaints.push(format!("{}: {why}", case.name)),
                    }
                }
            }
        }
        (cases.len(), complaints)
    });
    conclude(&format!("{count} programs"), &complaints);
}

fn compiled(name: &str, source: &str, options: &Options) -> Result<Artifact, String> {
    let request = Request::text(name, source).exports();
    match request::compile(&request, options, &mut Verifying) {
        Ok(compiled) => Ok(compiled.artifact),
        Err(failure) => Err(format!("{failure:?}")),
    }
}
