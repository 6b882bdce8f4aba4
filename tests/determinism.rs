//! The same source gives the same bytes: every kernel of the corpus is compiled twice, for each target and level.

use gelcap_compiler::artifact::Artifact;
use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{self, Request};
use gelcap_tests::judges::{self, Verifying};
use gelcap_tests::{case, conclude, judgement, on_big_stack};

#[test]
fn compilation_is_deterministic() {
    let (count, complaints) = on_big_stack(|| {
        let cases = match case::cases("tests/kernels") {
            Ok(cases) => cases,
            Err(faults) => return (0, faults),
        };
        let targets = [judges::baseline(), Target::wasm(WasmFlavour::ImportedMemory)];
        let mut complaints = Vec::new();
        let mut unread = Vec::new();
        let requests = match judgement::requests(&cases, &mut unread) {
            Ok(requests) => requests,
            Err(why) => return (0, vec![why]),
        };
        complaints.extend(unread.into_iter().map(|c| c.text));
        let count = requests.len();
        for (n, (case, request)) in requests.into_iter().enumerate() {
            let case = &cases[case];
            for (k, target) in targets.iter().enumerate() {
                for (l, opt_level) in [OptLevel::O0, OptLevel::O2].into_iter().enumerate() {
                    // There are many lazily typed kernels: they take turns.
                    if case.from_arguments && n % 4 != 2 * k + l {
                        continue;
                    }
                    let options = Options { opt_level, ..Options::new(target.clone()) };
                    match (compiled(&request, &options), compiled(&request, &options)) {
                        (Ok(a), Ok(b)) if a == b => {}
                        (Ok(_), Ok(_)) => complaints.push(format!("{}: two compilations differ", case.name)),
                        (Err(why), _) | (_, Err(why)) => complaints.push(format!("{}: {why}", case.name)),
                    }
                }
            }
        }
        (count, complaints)
    });
    conclude(&format!("{count} programs"), &complaints);
}

fn compiled(request: &Request, options: &Options) -> Result<Artifact, String> {
    match request::compile(request, options, &mut Verifying) {
        Ok(compiled) => Ok(compiled.artifact),
        Err(failure) => Err(format!("{failure:?}")),
    }
}
