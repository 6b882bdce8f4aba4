//! `gelcap explain CODE`: what an error code means and what to do about it.

use gelcap_compiler::diag::Code;

use crate::args::ExplainArgs;
use crate::input::nearest;
use crate::report::Stop;
use crate::text::out;

pub fn run(args: &ExplainArgs) -> Result<(), Stop> {
    let Some(name) = &args.code else {
        out(&list());
        return Ok(());
    };
    let Some(code) = Code::from_name(name) else {
        let names = Code::ALL.iter().map(|code| code.name());
        let help = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`? `gelcap explain` lists all codes"),
            None => "`gelcap explain` lists all codes".to_owned(),
        };
        return Err(Stop::with_help(format!("there is no code `{name}`"), help));
    };
    out(&format!("{}\n\n{}\n", code.name(), code.explanation()));
    Ok(())
}

/// Every code with the first sentence of its explanation.
fn list() -> String {
    let mut text = String::new();
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    for code in Code::ALL {
        let explanation = code.explanation().replace('\n', " ");
        let end = explanation.find(". ").map_or(explanation.len(), |at| at + 1);
        text.push_str(&format!("{:width$}  {}\n", code.name(), &explanation[..end]));
    }
    text
}
