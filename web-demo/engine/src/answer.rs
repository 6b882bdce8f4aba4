//! Questions to the compiler, and its answers as JSON.

use gelcap_compiler::artifact::Code as Compiled;
use gelcap_compiler::diag::{self, Diagnostic, InternalError, SourceMap};
use gelcap_compiler::front::typed_spans::{Role, TypedSpan};
use gelcap_compiler::pipeline;
use gelcap_compiler::request::{self, Failure, Stage};
use serde_json::{Value, json};

use crate::request::{Question, Subject, read};
use crate::watch::Watch;
use crate::{Answer, Host, artifact, complete};

/// An answer, and whether it stays true: one that was given up does not.
pub fn answer(request: &str, host: &mut dyn Host) -> (Answer, bool) {
    let question = match read(request) {
        Ok(question) => question,
        Err(why) => return (plain(json!({ "ok": false, "refused": why })), false),
    };
    let mut watch = Watch::new(host, matches!(question, Question::Passes(_)));
    let made = match question {
        Question::Check(s) => check(&s),
        Question::Compile(s) => compile(&s, &mut watch),
        Question::Emit(s, stage) => emit(&s, &stage, &mut watch),
        Question::Passes(s) => emit(&s, &Stage::MachineIr, &mut watch).map(|mut answer| {
            answer.0["passes"] = json!(std::mem::take(&mut watch.passes));
            answer
        }),
        Question::Types(s) => types(&s).map(|(list, sources)| {
            let all: Vec<Value> = list.iter().map(|t| typed(t, &sources)).collect();
            (json!({ "types": all }), Vec::new())
        }),
        Question::Hover(s, at) => hover(&s, at),
        Question::Complete(s, at) => Ok(completions(&s, at)),
        Question::Explain(code) => Ok((explain(&code), Vec::new())),
        Question::About => Ok((about(), Vec::new())),
    };
    if watch.stopped {
        return (plain(json!({ "ok": false, "superseded": true })), false);
    }
    match made {
        Ok((mut value, bytes)) => {
            value["ok"] = json!(true);
            (Answer { json: value.to_string(), bytes }, true)
        }
        Err(failure) => (plain(failed(&failure)), true),
    }
}

fn plain(value: Value) -> Answer {
    Answer { json: value.to_string(), bytes: Vec::new() }
}

fn failed(failure: &Failure) -> Value {
    match failure {
        Failure::Diagnostics { diagnostics, sources } => {
            json!({ "ok": false, "diagnostics": diagnostics_json(diagnostics, sources) })
        }
        Failure::Internal(error) => json!({ "ok": false, "internal": error.to_string() }),
    }
}

fn diagnostics_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    diag::json::to_json(diagnostics, sources)
}

type Made = Result<(Value, Vec<u8>), Failure>;

fn check(subject: &Subject) -> Made {
    let checked = request::check(&subject.request, &subject.options)?;
    let warnings = diagnostics_json(&checked.warnings, &checked.sources);
    Ok((json!({ "diagnostics": warnings, "kernels": checked.kernels }), Vec::new()))
}

fn compile(subject: &Subject, watch: &mut Watch<'_>) -> Made {
    let start = watch.host.now();
    let prepared = request::prepare(&subject.request, &subject.options)?;
    let after_front = watch.host.now();
    let compiled = pipeline::compile(prepared.unit, &prepared.sources, &prepared.options, watch)?;
    let end = watch.host.now();
    let Compiled::Wasm(bytes) = &compiled.code else {
        return Err(InternalError::new("engine", "the code is not wasm").into());
    };
    let passes: f64 = watch.passes.iter().filter_map(|p| p["ms"].as_f64()).sum();
    let value = json!({
        "diagnostics": diagnostics_json(&prepared.warnings, &prepared.sources),
        "artifact": artifact::to_json(&compiled, &prepared.kernels),
        "times": {
            "front": after_front - start, "passes": passes, "back": end - after_front - passes, "total": end - start,
        },
        "passes": std::mem::take(&mut watch.passes),
    });
    Ok((value, bytes.clone()))
}

fn emit(subject: &Subject, stage: &Stage, watch: &mut Watch<'_>) -> Made {
    let text = request::list(&subject.request, &subject.options, stage, watch)?;
    Ok((json!({ "text": text }), Vec::new()))
}

fn types(subject: &Subject) -> Result<(Vec<TypedSpan>, SourceMap), Failure> {
    let (mut list, sources) = request::types(&subject.request, &subject.options)?;
    // Signatures that the caller gives are texts of their own.
    list.retain(|t| t.span.file.0 == 0);
    Ok((list, sources))
}

fn typed(typed: &TypedSpan, sources: &SourceMap) -> Value {
    let role = match typed.role {
        Role::Binding => "binding",
        Role::Expression => "expression",
        Role::Function => "function",
    };
    json!({ "at": diag::json::range(typed.span, sources), "role": role, "types": typed.types })
}

/// The innermost thing at a place.
fn hover(subject: &Subject, offset: usize) -> Made {
    let (list, sources) = types(subject)?;
    let at = byte_offset(&subject.text, offset) as u32;
    let inner = list.iter().filter(|t| t.span.start <= at && at < t.span.end).min_by_key(|t| t.span.len());
    let value = inner.map_or(Value::Null, |t| typed(t, &sources));
    Ok((json!({ "hover": value }), Vec::new()))
}

fn completions(subject: &Subject, offset: usize) -> (Value, Vec<u8>) {
    let text = &subject.text;
    let (start, options) = complete::complete(text, byte_offset(text, offset));
    let from = text[..start].encode_utf16().count();
    (json!({ "from": from, "options": options }), Vec::new())
}

/// The byte at so many UTF-16 units, or the end.
fn byte_offset(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        if passed >= units {
            return at;
        }
        passed += c.len_utf16();
    }
    text.len()
}

fn explain(name: &str) -> Value {
    match diag::Code::from_name(name) {
        Some(code) => json!({ "code": name, "explanation": code.explanation() }),
        None => json!({ "code": name, "explanation": null }),
    }
}

fn about() -> Value {
    let codes: Vec<&str> = diag::Code::ALL.iter().map(|c| c.name()).collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "abi": gelcap_compiler::abi::VERSION, "codes": codes })
}
