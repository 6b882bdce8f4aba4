//! The same source gives the same bytes: every kernel of the corpus is compiled twice, for each target and level.

use gelcap_compiler::artifact::Artifact;
use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{self, Request};
use gelcap_tests::judges::{self, Verifying};
use gelcap_tests::{conclude, judgement, on_big_stack};

#[test]
fn compilation_is_deterministic() {
    let (count, complaints) = on_big_stack(|| {
        let targets = [judges::baseline(), Target::wasm(WasmFlavour::ImportedMemory)];
        let levels = [OptLevel::O0, OptLevel::O2];
        let variants: Vec<Options> = targets
            .iter()
            .flat_map(|target| levels.map(|opt_level| Options { opt_level, ..Options::new(target.clone()) }))
            .collect();
        judgement::over_corpus(&variants, |request, options| {
            let same = compiled(request, options)? == compiled(request, options)?;
            Ok(if same { vec![] } else { vec!["two compilations differ".to_owned()] })
        })
    });
    conclude(&format!("{count} programs"), &complaints);
}

fn compiled(request: &Request, options: &Options) -> Result<Artifact, String> {
    match request::compile(request, options, &mut Verifying) {
        Ok(compiled) => Ok(compiled.artifact),
        Err(failure) => Err(format!("{failure:?}")),
    }
}
