//! Asks CPython and NumPy, through one run of `reference.py` for any number of programs.

use std::io::Write;
use std::process::{Command, Stdio};

use gelcap_compiler::types::{Scalar, Type};
use serde_json::{Value as Json, json};

use crate::array::View;
use crate::value::Value;

/// What the reference is asked about one program.
pub struct Question<'a> {
    pub name: &'a str,
    pub source: &'a str,
    /// Parameter types of each kernel, in Python spelling; `None`: the arguments say what is called.
    pub signatures: Option<Vec<(String, Vec<String>)>>,
    /// Statements that give names to what run lines use.
    pub lets: Vec<&'a str>,
    /// How far floats may be from what the case states.
    pub ulp: u64,
    pub runs: Vec<&'a str>,
}

/// What it says about one run, with the call as it understood it.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub call: Call,
    pub answer: Answer,
    /// Contents of the call's memories afterwards.
    pub memories: Vec<Vec<u8>>,
    /// The answer of Python's unlimited ints and the memories, where 64-bit ones overflow: right too.
    pub exact: Option<(Answer, Vec<Vec<u8>>)>,
    /// The case expects something else than CPython gives.
    pub unexpected: Option<String>,
}

/// A call of a kernel, the same for every judge.
#[derive(Clone, Debug)]
pub struct Call {
    pub kernel: String,
    pub args: Vec<Argument>,
    pub memories: Vec<Memory>,
}

impl Call {
    /// The arguments' types, as a lazy `jit` takes them.
    pub fn types(&self) -> Result<Vec<Type>, String> {
        let ty = |a: &Argument| match a {
            Argument::None => Ok(Type::None),
            Argument::Scalar { scalar, numpy: true, .. } => Ok(Type::Np(*scalar)),
            Argument::Scalar { scalar, numpy: false, .. } => Ok(Type::Np(*scalar).as_python()),
            Argument::Array { view, .. } => Ok(Type::Array(view.ty())),
            Argument::Address { .. } => Err("a pointer's type has to be declared".to_string()),
        };
        self.args.iter().map(ty).collect()
    }
}

#[derive(Clone, Debug)]
pub enum Argument {
    None,
    Scalar {
        scalar: Scalar,
        numpy: bool,
        bits: u64,
    },
    /// A byte offset into one of the call's memories.
    Address {
        memory: usize,
        offset: i64,
    },
    /// An array whose first element is there.
    Array {
        memory: usize,
        offset: i64,
        view: View,
    },
}

#[derive(Clone, Debug)]
pub struct Memory {
    pub element: Scalar,
    pub bytes: Vec<u8>,
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Returned(Value),
    /// The message is `None` where it is not to be compared.
    Raised {
        class: String,
        message: Option<String>,
    },
}

/// The interpreter to use: `PYTHON`, the repository's virtual environment, or `python3`.
pub fn python() -> std::path::PathBuf {
    if let Ok(given) = std::env::var("PYTHON") {
        return given.into();
    }
    let venv = crate::root().join(".venv/bin/python");
    if venv.exists() { venv } else { "python3".into() }
}

/// What CPython says of one program: a verdict for each run, or what is wrong with the run or the program.
pub type Judgement = Result<Vec<Result<Verdict, String>>, String>;

/// Fewer programs are not worth another start of Python.
const SHARE: usize = 20;

/// One answer per program, from a process for each processor.
pub fn ask(questions: &[Question<'_>]) -> Result<Vec<Judgement>, String> {
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    let share = questions.len().div_ceil(processors).max(SHARE);
    std::thread::scope(|scope| {
        let asked: Vec<_> = questions.chunks(share).map(|some| scope.spawn(|| ask_one_process(some))).collect();
        let mut answers = Vec::with_capacity(questions.len());
        for some in asked {
            answers.extend(some.join().map_err(|_| "a thread that asked CPython died")??);
        }
        Ok(answers)
    })
}

fn ask_one_process(questions: &[Question<'_>]) -> Result<Vec<Judgement>, String> {
    let programs: Vec<Json> = questions
        .iter()
        .map(|q| {
            let signatures = q.signatures.as_ref().map(|all| {
                all.iter().map(|(name, types)| (name.clone(), json!(types))).collect::<serde_json::Map<_, _>>()
            });
            json!({
                "name": q.name, "source": q.source, "signatures": signatures, "ulp": q.ulp, "lets": q.lets,
                "runs": q.runs,
            })
        })
        .collect();
    let reply = converse(&json!({ "programs": programs }).to_string())?;
    let reply: Json = serde_json::from_str(&reply).map_err(|e| format!("the reference answers no JSON: {e}"))?;
    let programs = reply["programs"].as_array().ok_or("the reference answers nothing")?;
    Ok(programs
        .iter()
        .map(|p| match p["runs"].as_array() {
            Some(runs) => Ok(runs.iter().map(verdict).collect()),
            None => Err(text(&p["error"])),
        })
        .collect())
}

fn converse(request: &str) -> Result<String, String> {
    let python = python();
    let mut child = Command::new(&python)
        .arg(crate::root().join("tests/reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{}: {e}", python.display()))?;
    let mut stdin = child.stdin.take().ok_or("the reference has no input")?;
    let request = request.to_string();
    // Written from a thread of its own, or both sides could wait for the other to read.
    let writer = std::thread::spawn(move || stdin.write_all(request.as_bytes()));
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let written = writer.join().map_err(|_| "the writing thread died")?;
    if !output.status.success() {
        return Err(format!("{} ended with {}", python.display(), output.status));
    }
    written.map_err(|e| e.to_string())?;
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

fn verdict(run: &Json) -> Result<Verdict, String> {
    if let Some(error) = run["error"].as_str() {
        return Err(error.into());
    }
    let list = |key: &str| run[key].as_array().cloned().unwrap_or_default();
    let answer = answer(run);
    let exact = match &run["exact"] {
        Json::Null => None,
        exact => {
            let memories = exact["memories"].as_array().cloned().unwrap_or_default();
            let bytes = memories.iter().map(|m| unhex(&text(m))).collect::<Result<_, _>>()?;
            Some((self::answer(exact), bytes))
        }
    };
    let memories = list("memories");
    let bytes = |key: &str| memories.iter().map(|m| unhex(&text(&m[key]))).collect::<Result<Vec<_>, _>>();
    let elements = memories.iter().map(|m| Scalar::from_dtype_name(&text(&m["element"])).ok_or("unknown element"));
    let before = elements.zip(bytes("before")?).map(|(element, bytes)| Ok(Memory { element: element?, bytes }));
    let call = Call {
        kernel: text(&run["kernel"]),
        args: list("args").iter().map(argument).collect::<Result<_, _>>()?,
        memories: before.collect::<Result<_, &str>>()?,
    };
    let unexpected = run["unexpected"].as_str().map(Into::into);
    Ok(Verdict { call, answer, memories: bytes("after")?, exact, unexpected })
}

fn answer(json: &Json) -> Answer {
    match &json["raised"] {
        Json::Null => Answer::Returned(Value::from_json(&json["returned"])),
        raised => Answer::Raised { class: text(&raised["class"]), message: raised["message"].as_str().map(Into::into) },
    }
}

fn argument(json: &Json) -> Result<Argument, String> {
    if let (Some(memory), Some(offset)) = (json["memory"].as_u64(), json["offset"].as_i64()) {
        let memory = memory as usize;
        return Ok(match json["type"].as_str() {
            Some(_) => Argument::Array { memory, offset, view: View::from_json(json)? },
            None => Argument::Address { memory, offset },
        });
    }
    match Value::from_json(json) {
        Value::None => Ok(Argument::None),
        Value::Scalar { scalar, numpy, bits } => Ok(Argument::Scalar { scalar, numpy, bits }),
        other @ (Value::Array(_) | Value::Tuple(_) | Value::Other(_)) => Err(format!("{other} cannot be an argument")),
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_string()
}

pub(crate) fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok());
    digits.map(|pair| byte(pair).ok_or_else(|| "not hexadecimal".to_string())).collect()
}
