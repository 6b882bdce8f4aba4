//! `gelcap serve`: the page in which the compiler runs, for this machine's browser alone.
//!
//! It listens on 127.0.0.1, answers only to that name (another site's script cannot reach it by a name of its own that
//! leads here), and gives out the files that lie in the site's folder when it starts, by their names: no path is ever
//! followed. Nothing is compiled here; the page does that.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::args::ServeArgs;
use crate::input::reason;
use crate::report::Stop;
use crate::text::out;

/// The first file of a site.
const INDEX: &str = "index.html";

/// Bytes that a request may have before it is cut off.
const MOST: u64 = 16 << 10;

/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn run(args: &ServeArgs) -> Result<(), Stop> {
    let folder = folder(args)?;
    let files = Arc::new(read(&folder)?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .map_err(|e| Stop::message(format!("cannot listen on port {}: {}", args.port, reason(&e))))?;
    let port = listener.local_addr().map_err(|e| Stop::message(reason(&e)))?.port();
    out(&format!("http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"));
    for stream in listener.incoming().flatten() {
        let files = Arc::clone(&files);
        std::thread::spawn(move || {
            // A browser that goes away is nobody's fault.
            let _ = answer(stream, &files, port);
        });
    }
    Ok(())
}

/// Where the site is: as told, beside this program, or where `make web` puts it.
fn folder(args: &ServeArgs) -> Result<PathBuf, Stop> {
    if let Some(given) = &args.site {
        return Ok(given.clone());
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("site")));
    let candidates = beside.into_iter().chain([PathBuf::from("target/site")]);
    candidates.into_iter().find(|folder| folder.join(INDEX).is_file()).ok_or_else(|| {
        Stop::with_help("the page is not here", "make it with `make web`, and name its folder: `--site target/site`")
    })
}

/// A file of the site, and what it is.
struct File {
    kind: &'static str,
    bytes: Vec<u8>,
}

fn read(folder: &Path) -> Result<BTreeMap<String, File>, Stop> {
    let fault = |e: std::io::Error| Stop::message(format!("cannot read {}: {}", folder.display(), reason(&e)));
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let (Some(name), Some(kind)) = (path.file_name().and_then(|n| n.to_str()), kind(&path)) else { continue };
        files.insert(name.to_owned(), File { kind, bytes: fs::read(&path).map_err(fault)? });
    }
    if files.contains_key(INDEX) {
        Ok(files)
    } else {
        Err(Stop::with_help(format!("{} holds no page", folder.display()), "make it with `make web`"))
    }
}

/// What a browser calls a file; `None` for what is no part of a site.
fn kind(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => return None,
    })
}

fn answer(mut stream: TcpStream, files: &BTreeMap<String, File>, port: u16) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = BufReader::new(stream.try_clone()?.take(MOST));
    let mut line = String::new();
    request.read_line(&mut line)?;
    let mut host = None;
    loop {
        let mut header = String::new();
        if request.read_line(&mut header)? == 0 || header.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            host = Some(value.trim().to_owned());
        }
    }
    let (status, kind, body) = respond(&line, host.as_deref(), files, port);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         X-Content-Type-Options: nosniff\r\nCross-Origin-Opener-Policy: same-origin\r\n\
         Cross-Origin-Embedder-Policy: require-corp\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if !line.starts_with("HEAD ") {
        stream.write_all(body)?;
    }
    stream.flush()
}

/// Status, type and body.
fn respond<'f>(
    line: &str,
    host: Option<&str>,
    files: &'f BTreeMap<String, File>,
    port: u16,
) -> (&'static str, &'static str, &'f [u8]) {
    let plain = |status, text: &'static str| (status, "text/plain", text.as_bytes());
    let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    if !host.is_some_and(|host| names.iter().any(|name| name == host)) {
        return plain("403 Forbidden", "this page is for the machine that it runs on\n");
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "HEAD") {
        return plain("405 Method Not Allowed", "there is nothing but files to get\n");
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let name = match path.strip_prefix('/') {
        Some("") => INDEX,
        Some(name) => name,
        None => "",
    };
    match files.get(name) {
        Some(file) => ("200 OK", file.kind, &file.bytes),
        None => plain("404 Not Found", "there is no such file\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_given_by_name_to_this_machine_alone() {
        let page = File { kind: "text/html; charset=utf-8", bytes: b"page".to_vec() };
        let files = BTreeMap::from([(INDEX.to_owned(), page)]);
        let status = |line: &str, host: Option<&str>| respond(line, host, &files, 80).0;
        let here = Some("127.0.0.1:80");
        assert_eq!(respond("GET / HTTP/1.1\r\n", here, &files, 80).2, b"page");
        assert_eq!(status("GET /index.html?x#y HTTP/1.1\r\n", Some("localhost:80")), "200 OK");
        assert_eq!(status("HEAD / HTTP/1.1\r\n", here), "200 OK");
        for path in ["/../Cargo.toml", "//index.html", "/%2e%2e/Cargo.toml", "/.", "index.html", ""] {
            assert_eq!(status(&format!("GET {path} HTTP/1.1\r\n"), here), "404 Not Found", "{path}");
        }
        for host in
            [None, Some("evil.example"), Some("127.0.0.1"), Some("127.0.0.1:81"), Some("127.0.0.1:80.evil.example")]
        {
            assert_eq!(status("GET / HTTP/1.1\r\n", host), "403 Forbidden");
        }
        assert_eq!(status("POST / HTTP/1.1\r\n", here), "405 Method Not Allowed");
        assert_eq!(status("", here), "405 Method Not Allowed");
    }
}
