//! The engine of the web as one more judge: wasm32's compiler compiles, JavaScript's host calls, in one Node process for
//! any number of calls.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gelcap_compiler::abi;
use gelcap_compiler::artifact::Export;
use gelcap_compiler::options::OptLevel;
use gelcap_compiler::types::{Layout, Scalar, Type};
use serde_json::{Value as Json, json};

use crate::array::word;
use crate::judges::Observed;
use crate::judges::run::{Places, returned};
use crate::reference::{Answer, Argument, Call, unhex};

/// A call of a program's kernel, at a level of optimisation.
pub struct Job<'a> {
    pub name: &'a str,
    pub source: &'a str,
    pub level: OptLevel,
    /// The types of the arguments, if they are not declared.
    pub types: Option<Vec<Type>>,
    pub call: &'a Call,
}

/// What `make web` makes.
pub fn engine() -> PathBuf {
    crate::root().join("target/site/gelcap_engine.wasm")
}

/// What becomes of each job.
pub fn run(jobs: &[Job<'_>], exports: &[Export]) -> Result<Vec<Observed>, String> {
    let file = crate::root().join("target/site/jobs.json");
    let all: Vec<Json> = jobs.iter().map(job).collect();
    fs::write(&file, Json::Array(all).to_string()).map_err(|e| format!("{}: {e}", file.display()))?;
    let script = crate::root().join("web-demo/test/judge.mjs");
    let output =
        Command::new("node").arg(script).arg(engine()).arg(&file).output().map_err(|e| format!("node: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let outcomes: Vec<Json> = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    if outcomes.len() != jobs.len() {
        return Err(format!("{} outcomes of {} calls", outcomes.len(), jobs.len()));
    }
    Ok(outcomes.iter().zip(exports).map(|(outcome, export)| observed(export, outcome)).collect())
}

fn job(job: &Job<'_>) -> Json {
    let mut slots = Vec::new();
    let bits = |bits: u64| json!({ "bits": format!("{bits:x}") });
    for argument in &job.call.args {
        match argument {
            Argument::None => {}
            Argument::Scalar { scalar, bits: value, .. } => slots.push(bits(abi::to_slot(*scalar, *value))),
            Argument::Address { memory, offset } => slots.push(json!({ "memory": memory, "offset": offset })),
            Argument::Array { memory, offset, view } => {
                slots.push(json!({ "memory": memory, "offset": offset }));
                slots.extend(view.shape.iter().chain(&view.strides).map(|n| bits(*n as u64)));
            }
        }
    }
    let mut options = json!({ "name": job.name, "optLevel": job.level as u8 });
    match &job.types {
        None => options["exportsOnly"] = json!(true),
        Some(types) => {
            options["kernel"] = json!(job.call.kernel);
            options["mode"] = json!("jit");
            options["arguments"] = types.iter().map(ty).collect();
        }
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    json!({
        "source": job.source,
        "options": options,
        "kernel": job.call.kernel,
        "slots": slots,
        "memories": job.call.memories.iter().map(|m| hex(&m.bytes)).collect::<Vec<_>>(),
    })
}

fn ty(ty: &Type) -> Json {
    match ty {
        Type::Array(array) => {
            let layout = match array.layout {
                Layout::C => "C",
                Layout::F => "F",
                Layout::Strided => "strided",
            };
            json!({
                "kind": "array", "dtype": array.dtype.dtype_name(), "rank": array.rank, "layout": layout,
                "writable": array.writable,
            })
        }
        Type::Np(scalar) => json!({ "kind": "scalar", "dtype": scalar.dtype_name() }),
        Type::PyBool | Type::PyInt | Type::PyFloat => json!({ "kind": ty.to_string() }),
        Type::None | Type::Ptr(_) | Type::Tuple(_) | Type::List(_) | Type::Optional(_) | Type::Either { .. } => {
            json!({ "kind": "none" })
        }
    }
}

fn observed(export: &Export, outcome: &Json) -> Observed {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| outcome[key].as_array().cloned().unwrap_or_default();
    let memories: Result<Vec<_>, _> = list("memories").iter().map(|m| unhex(&text(m))).collect();
    let (answer, memories) = match (&outcome["failed"], memories) {
        (Json::String(why), _) => return Observed { answer: Err(why.clone()), memories: vec![] },
        (_, Err(why)) => return Observed { answer: Err(why), memories: vec![] },
        (_, Ok(memories)) if outcome["raised"].is_object() => {
            let raised = &outcome["raised"];
            (Ok(Answer::Raised { class: text(&raised["class"]), message: Some(text(&raised["message"])) }), memories)
        }
        (_, Ok(memories)) => {
            let addresses = list("places").iter().map(|p| p.as_u64().unwrap_or_default()).collect::<Vec<_>>();
            let places: Places = addresses.into_iter().zip(memories.iter().map(Vec::len)).collect();
            let slots: Vec<u64> =
                list("slots").iter().map(|s| u64::from_str_radix(&text(s), 16).unwrap_or_default()).collect();
            let mut held: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
            for buffer in list("buffers") {
                let bytes = unhex(&text(&buffer["bytes"])).unwrap_or_default();
                held.insert(buffer["address"].as_u64().unwrap_or_default(), bytes);
            }
            held.extend(places.iter().zip(&memories).map(|(place, bytes)| (place.0, bytes.clone())));
            let load = |scalar: Scalar, at: u64| {
                let (start, bytes) = held.range(..=at).next_back().ok_or("an element before all memory")?;
                let from = (at - start) as usize;
                let element = bytes.get(from..from + scalar.bytes() as usize);
                element.map(word).ok_or_else(|| format!("an element at {at:#x}"))
            };
            let (answer, owners) = returned(export, &slots, &places, &load);
            (answer.and_then(|a| owned(a, &owners, &list("buffers"))), memories)
        }
    };
    // After a raise nobody owns what is left.
    let answer = match answer {
        Ok(Answer::Raised { .. }) if !list("buffers").is_empty() => Err("buffers are left over".to_owned()),
        answer => answer,
    };
    Observed { answer, memories }
}

/// An answer, if the references that are left are exactly those of its owners.
fn owned(answer: Answer, owners: &[u64], buffers: &[Json]) -> Result<Answer, String> {
    let mut owners = owners.to_vec();
    owners.sort_unstable();
    let number = |b: &Json, key: &str| b[key].as_u64().unwrap_or_default();
    let references = |b| std::iter::repeat_n(number(b, "address"), number(b, "references") as usize);
    let mut alive: Vec<u64> = buffers.iter().flat_map(references).collect();
    alive.sort_unstable();
    if owners == alive {
        Ok(answer)
    } else {
        Err(format!("{} references are left, {} escaped", alive.len(), owners.len()))
    }
}
