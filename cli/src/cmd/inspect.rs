//! `gelcap inspect FILE`: a stage of the compilation as text, the IR after passes, times.

use gelcap_compiler::options::Options;
use gelcap_compiler::passes;
use gelcap_compiler::request::{self, Request, Stage};

use crate::args::{Emit, HostTarget, InspectArgs};
use crate::input;
use crate::report::Stop;
use crate::stage::Watch;
use crate::text::{err, out};

pub fn run(args: &InspectArgs) -> Result<(), Stop> {
    check_passes(args)?;
    let mut request = Request::text(args.file.display().to_string(), input::read(&args.file)?);
    request.kernel.clone_from(&args.name);
    request.signatures.extend(args.signature.clone());
    request.settings = input::settings(&args.compile)?;
    let mut options = Options::new(target(args)?);
    options.opt_level = input::opt_level(&args.compile);
    let mut watch = Watch::new(args.print_after.as_deref(), args.time_passes);
    let text = request::list(&request, &options, &stage(args), &mut watch)?;
    if args.print_after.is_none() || args.emit != Emit::Ir {
        out(&text);
    }
    err(&watch.times());
    Ok(())
}

fn stage(args: &InspectArgs) -> Stage {
    match args.emit {
        Emit::Ast => Stage::Ast,
        Emit::Types => Stage::Types,
        Emit::Ir if !args.passes.is_empty() => Stage::Passes(args.passes.clone()),
        // Passes run only on the way to the machine.
        Emit::Ir if args.print_after.is_some() || args.time_passes => Stage::MachineIr,
        Emit::Ir => Stage::Ir,
        Emit::Wat => Stage::Wat,
        Emit::Clif => Stage::Clif,
        Emit::Asm => Stage::Asm,
    }
}

/// What the stage is a listing of: wat is wasm's, clif and asm are native.
fn target(args: &InspectArgs) -> Result<gelcap_compiler::back::Target, Stop> {
    let of_stage = match args.emit {
        Emit::Wat => Some(HostTarget::Wasm),
        Emit::Clif | Emit::Asm => Some(HostTarget::Native),
        Emit::Ast | Emit::Types | Emit::Ir => None,
    };
    if let (Some(wanted), Some(given)) = (of_stage, args.target)
        && wanted != given
    {
        let name = |t| if t == HostTarget::Wasm { "wasm" } else { "native" };
        let message = format!("this stage belongs to --target {}, not {}", name(wanted), name(given));
        return Err(Stop::Usage(message));
    }
    let host = args.target.or(of_stage).unwrap_or(HostTarget::Native);
    match (args.cpu, host) {
        (None, _) => input::host_target(host),
        (Some(_), HostTarget::Native) => input::cpu_target(args.cpu),
        (Some(_), HostTarget::Wasm) => Err(Stop::Usage("--cpu goes with native code".to_owned())),
    }
}

fn check_passes(args: &InspectArgs) -> Result<(), Stop> {
    let named = args.print_after.iter().filter(|name| *name != "all").chain(&args.passes);
    for name in named {
        if passes::by_name(name).is_none() {
            let names: Vec<&str> = passes::ALL.iter().map(|pass| pass.name).collect();
            return Err(Stop::Usage(format!("there is no pass `{name}`; there are {}", names.join(", "))));
        }
    }
    if !args.passes.is_empty() && args.emit != Emit::Ir {
        return Err(Stop::Usage("--passes goes with --emit ir".to_owned()));
    }
    Ok(())
}
