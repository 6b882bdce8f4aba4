//! What can be asked, read from JSON. A request that cannot be understood is told so, in words.

use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::front::Mode;
use gelcap_compiler::front::options_comment::{OptionName, OptionValue};
use gelcap_compiler::options::{OptLevel, Options};
use gelcap_compiler::request::{Request, Stage};
use gelcap_compiler::types::{ArrayType, Layout, Scalar, Type};
use serde_json::Value;

/// A question about a text, or about none.
pub enum Question {
    /// Faults alone.
    Check(Subject),
    Compile(Subject),
    /// A stage as text.
    Emit(Subject, Stage),
    /// The IR after every pass that changed it.
    Passes(Subject),
    /// The types of everything in the text.
    Types(Subject),
    /// The type of what stands at a place, in UTF-16 units.
    Hover(Subject, usize),
    /// What can be written at a place, in UTF-16 units.
    Complete(Subject, usize),
    /// A diagnostic's code.
    Explain(String),
    /// The version and the codes of diagnostics.
    About,
}

/// A text and how it is compiled.
pub struct Subject {
    pub text: String,
    pub request: Request,
    pub options: Options,
}

pub fn read(json: &str) -> Result<Question, String> {
    let json: Value = serde_json::from_str(json).map_err(|e| format!("the request is no JSON: {e}"))?;
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    Ok(match json["op"].as_str().unwrap_or_default() {
        "check" => Question::Check(subject(&json)?),
        "compile" => Question::Compile(subject(&json)?),
        "emit" => match text("stage").unwrap_or_default().as_str() {
            "passes" => Question::Passes(subject(&json)?),
            name => Question::Emit(subject(&json)?, stage(name)?),
        },
        "types" => Question::Types(subject(&json)?),
        "hover" => Question::Hover(subject(&json)?, offset(&json)?),
        "complete" => Question::Complete(subject(&json)?, offset(&json)?),
        "explain" => Question::Explain(text("code").ok_or("`explain` takes a code")?),
        "about" => Question::About,
        other => return Err(format!("there is no operation `{other}`")),
    })
}

fn offset(json: &Value) -> Result<usize, String> {
    let offset = json["offset"].as_u64().ok_or("an offset is missing")?;
    usize::try_from(offset).map_err(|_| "the offset is too large".to_owned())
}

fn stage(name: &str) -> Result<Stage, String> {
    Ok(match name {
        "ast" => Stage::Ast,
        "types" => Stage::Types,
        "ir" => Stage::Ir,
        "machine" => Stage::MachineIr,
        _ => return Err(format!("there is no stage `{name}`; there are ast, types, ir, passes, machine")),
    })
}

fn subject(json: &Value) -> Result<Subject, String> {
    let text = json["source"].as_str().ok_or("the source is missing")?.to_owned();
    let given = &json["options"];
    let mut request = Request::text(given["name"].as_str().unwrap_or("kernel.py"), text.as_bytes());
    request.kernel = given["kernel"].as_str().map(str::to_owned);
    request.signatures.extend(given["signature"].as_str().map(str::to_owned));
    request.exports_only = given["exportsOnly"].as_bool().unwrap_or(false);
    request.mode = match given["mode"].as_str() {
        None => None,
        Some("jit") => Some(Mode::Jit),
        Some("c") => Some(Mode::C),
        Some(other) => return Err(format!("there is no mode `{other}`; there are jit and c")),
    };
    if let Some(types) = given["arguments"].as_array() {
        request.arguments = Some(types.iter().map(argument).collect::<Result<_, _>>()?);
    }
    for (name, value) in given["settings"].as_object().into_iter().flatten() {
        let option = OptionName::from_name(name).ok_or_else(|| format!("there is no option `{name}`"))?;
        let flag = value.as_bool().ok_or_else(|| format!("`{name}` is true or false"))?;
        request.settings.push((option, OptionValue::Bool(flag)));
    }
    let flavour = match given["flavour"].as_str().unwrap_or("standalone") {
        "standalone" => WasmFlavour::StandAlone,
        "imported" => WasmFlavour::ImportedMemory,
        "side" => WasmFlavour::SideModule,
        other => return Err(format!("there is no flavour `{other}`; there are standalone, imported, side")),
    };
    let mut options = Options::new(Target::wasm(flavour));
    options.opt_level = match given["optLevel"].as_u64().unwrap_or(2) {
        0 => OptLevel::O0,
        1 => OptLevel::O1,
        2 => OptLevel::O2,
        _ => return Err("the levels of optimisation are 0, 1 and 2".to_owned()),
    };
    Ok(Subject { text, request, options })
}

/// The type of an argument of a call: Python's own in words, NumPy's scalars and arrays by their dtype.
fn argument(json: &Value) -> Result<Type, String> {
    let dtype = || {
        let name = json["dtype"].as_str().unwrap_or_default();
        Scalar::from_dtype_name(name).ok_or_else(|| format!("there is no dtype `{name}`"))
    };
    Ok(match json["kind"].as_str().unwrap_or_default() {
        "none" => Type::None,
        "int" => Type::PyInt,
        "float" => Type::PyFloat,
        "bool" => Type::PyBool,
        "scalar" => Type::Np(dtype()?),
        "array" => {
            let layout = match json["layout"].as_str() {
                Some("C") | None => Layout::C,
                Some("F") => Layout::F,
                Some("strided") => Layout::Strided,
                Some(other) => return Err(format!("there is no layout `{other}`; there are C, F, strided")),
            };
            let rank = json["rank"].as_u64().and_then(|r| u8::try_from(r).ok()).ok_or("an array has a rank")?;
            Type::Array(ArrayType {
                dtype: dtype()?,
                rank,
                layout,
                writable: json["writable"].as_bool().unwrap_or(true),
            })
        }
        other => return Err(format!("there is no argument of kind `{other}`")),
    })
}
