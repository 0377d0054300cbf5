//! greeter: GET /greet/ann answers {"greeting":"hello","name":"ann","count":1}.

mod sluice;

use sluice::*;
use std::ffi::c_void;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

const SCHEMA: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"greeting":{"type":"string","pattern":"^[A-Za-z ]{1,40}$","default":"hello",
"description":"What is said before the name."},
"everySeconds":{"type":"integer","minimum":1,"maximum":3600,"default":60,
"description":"How often the log says how many were greeted."}}}"#;

/// The tables of the host. They are there: `NEEDS` names them.
struct Host {
    log: &'static sluice_log_api,
    metrics: &'static sluice_metrics_api,
    health: &'static sluice_health_api,
    exec: &'static sluice_exec_api,
    http: &'static sluice_http_api,
}

struct Greeter {
    host: Host,
    mounts: [sluice_mount; 1],
    greeted: *mut sluice_cell,
    greeting: String,
    every_ns: u64,
}

/// A failure of the host or of this plugin: its status and a sentence.
type Failure = (sluice_status, &'static str);

fn check(status: sluice_status, text: &'static str) -> Result<sluice_status, Failure> {
    match status {
        0.. => Ok(status),
        _ => Err((status, text)),
    }
}

impl Host {
    unsafe fn new(host: *const sluice_host) -> Option<Host> {
        let find = (*host).find?;
        let table = |id: &[u8]| find(host, id.as_ptr() as *const c_char);
        Some(Host {
            log: (table(SLUICE_IF_LOG) as *const sluice_log_api).as_ref()?,
            metrics: (table(SLUICE_IF_METRICS) as *const sluice_metrics_api).as_ref()?,
            health: (table(SLUICE_IF_HEALTH) as *const sluice_health_api).as_ref()?,
            exec: (table(SLUICE_IF_EXEC) as *const sluice_exec_api).as_ref()?,
            http: (table(SLUICE_IF_HTTP) as *const sluice_http_api).as_ref()?,
        })
    }

    unsafe fn counter(&self, name: &str, help: &str) -> Result<*mut sluice_cell, Failure> {
        let mut counter: sluice_metric_def = zeroed();
        counter.size = std::mem::size_of::<sluice_metric_def>() as u32;
        counter.kind = SLUICE_METRIC_COUNTER;
        counter.name = sluice_span::text(name);
        counter.help = sluice_span::text(help);
        let (mut id, mut cell) = (0, std::ptr::null_mut());
        let (define, series) = (self.metrics.define.unwrap(), self.metrics.cell.unwrap());
        let no_error = std::ptr::null_mut();
        check(define(self.metrics, &counter, &mut id, no_error), "the counter is refused")?;
        check(series(self.metrics, id, std::ptr::null(), 0, &mut cell), "the counter has no cell")?;
        Ok(cell)
    }
}

impl Greeter {
    unsafe fn new(host: *const sluice_host, config: &str) -> Result<Greeter, Failure> {
        let host = Host::new(host).ok_or((SLUICE_E_UNSUPPORTED, "a table is missing"))?;
        let mut mount: sluice_mount = zeroed();
        mount.size = std::mem::size_of::<sluice_mount>() as u32;
        mount.prefix = sluice_span::text("/greet/");
        mount.pattern = sluice_span::text(":name");
        mount.methods = SLUICE_M_GET;
        let greeted = host.counter("greetings_total", "Names that were greeted.")?;
        let greeting = member(config, "greeting").unwrap_or("hello").to_string();
        let every: u64 = member(config, "everySeconds").map_or(60, |text| text.parse().unwrap());
        let every_ns = every * 1_000_000_000;
        Ok(Greeter { host, mounts: [mount], greeted, greeting, every_ns })
    }

    /// One log line with how many were greeted.
    unsafe fn say(&self, message: &str) {
        let greeted = sluice_cell::read(self.greeted).to_string();
        let key = sluice_span::text("greeted");
        let field = sluice_field { key, value: sluice_span::text(&greeted) };
        let message = sluice_span::text(message);
        self.host.log.write.unwrap()(self.host.log, SLUICE_LOG_INFO, message, &field, 1);
    }

    unsafe fn answer(&self, id: sluice_rid, name: &[u8]) -> Result<sluice_status, Failure> {
        let count = sluice_cell::add(self.greeted, 1) + 1;
        let name = quoted(&String::from_utf8_lossy(name));
        let json =
            format!("{{\"greeting\":\"{}\",\"name\":{name},\"count\":{count}}}\n", self.greeting);
        let mut kind: sluice_header = zeroed();
        kind.name = sluice_span::text("content-type");
        kind.value = sluice_span::text("application/json");
        let body = sluice_chunk { bytes: sluice_span::text(&json), owner: std::ptr::null_mut() };
        let mut answer: sluice_response = zeroed();
        answer.size = std::mem::size_of::<sluice_response>() as u32;
        answer.status = 200;
        answer.headers = sluice_headers { items: &kind, count: 1 };
        (answer.body, answer.nbody) = (&body, 1);
        // The host copies what has no owner.
        match self.host.http.respond.unwrap()(id, &answer, std::ptr::null_mut()) {
            SLUICE_E_GONE => Ok(SLUICE_OK), // nobody waits any more: no fault
            status => check(status, "the answer is refused"),
        }
    }
}

/// The value of a member of the configuration, as it is written. The host has checked the text
/// against the schema and writes it without spaces, and no text in it holds a quote: so the first
/// match is the member.
fn member<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let name = format!("\"{key}\":");
    let value = &json[json.find(&name)? + name.len()..];
    match value.strip_prefix('"') {
        Some(text) => text.split('"').next(),
        None => value.split([',', '}']).next(),
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\0'..='\x1f' => json += &format!("\\u{:04x}", letter as u32),
            _ => json.push(letter),
        }
    }
    json + "\""
}

// What the host calls. No panic leaves these functions.

/// Runs `body`; a failure, and a panic too, is reported in `err`.
unsafe fn guarded(
    err: *mut sluice_error,
    body: impl FnOnce() -> Result<sluice_status, Failure>,
) -> sluice_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status)) => status,
        Ok(Err((status, text))) => sluice_fail(err, status, text),
        Err(_) => sluice_fail(err, SLUICE_E_INTERNAL, "the plugin panicked"),
    }
}

unsafe extern "C" fn create(
    host: *const sluice_host,
    instance: *const sluice_instance,
    this: *mut *mut c_void,
    err: *mut sluice_error,
) -> sluice_status {
    guarded(err, || {
        let config = String::from_utf8_lossy((*instance).config.bytes());
        *this = Box::into_raw(Box::new(Greeter::new(host, &config)?)) as *mut c_void;
        Ok(SLUICE_OK)
    })
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Greeter));
}

/// `[lane]` The final call comes by itself when the instance stops: there is nothing to free.
unsafe extern "C" fn tick(this: *mut c_void, why: sluice_status) {
    guarded(std::ptr::null_mut(), || {
        if why == SLUICE_OK {
            (*(this as *const Greeter)).say("so far");
        }
        Ok(SLUICE_OK)
    });
}

unsafe extern "C" fn start(this: *mut c_void, err: *mut sluice_error) -> sluice_status {
    guarded(err, || {
        let greeter = &*(this as *const Greeter);
        let (exec, health) = (greeter.host.exec, greeter.host.health);
        let (every, no_id) = (greeter.every_ns, std::ptr::null_mut());
        check(exec.timer.unwrap()(exec, every, every, Some(tick), this, no_id), "no timer")?;
        greeter.say("ready to greet");
        let (component, message) =
            (sluice_span::text("greeter"), sluice_span::text("greets who asks"));
        Ok(health.report.unwrap()(health, component, SLUICE_HEALTH_READY, message))
    })
}

unsafe extern "C" fn mounts(
    this: *mut c_void,
    out: *mut sluice_list,
    _err: *mut sluice_error,
) -> sluice_status {
    *out = sluice_list::of(&(*(this as *const Greeter)).mounts);
    SLUICE_OK
}

unsafe extern "C" fn request(
    this: *mut c_void,
    id: sluice_rid,
    _tag: u32,
    request: *const sluice_request,
    _body: *const sluice_chunk,
    _nbody: usize,
    _ctx: *mut *mut c_void,
    err: *mut sluice_error,
) -> sluice_status {
    guarded(err, || (*(this as *const Greeter)).answer(id, (*request).suffix.bytes()))
}

unsafe extern "C" fn role(_this: *mut c_void, role_id: *const c_char) -> *const c_void {
    match std::ffi::CStr::from_ptr(role_id).to_bytes_with_nul() == SLUICE_ROLE_SERVICE {
        true => &SERVICE.0 as *const sluice_service_ops as *const c_void,
        false => std::ptr::null(),
    }
}

/// A table or a description: written by the compiler, read by the host.
struct Fixed<T>(T);
unsafe impl<T> Sync for Fixed<T> {}

static SERVICE: Fixed<sluice_service_ops> = Fixed(sluice_service_ops {
    size: std::mem::size_of::<sluice_service_ops>() as u32,
    reserved: 0,
    mounts: Some(mounts),
    request: Some(request),
    body: None,
    trailers: None,
    writable: None,
    cancel: None,
    done: None,
});

static OPS: Fixed<sluice_plugin_ops> = Fixed(sluice_plugin_ops {
    size: std::mem::size_of::<sluice_plugin_ops>() as u32,
    reserved: 0,
    check_config: None,
    create: Some(create),
    traits: None,
    role: Some(role),
    start: Some(start),
    reconfigure: None,
    drain: None,
    stop: None,
    destroy: Some(destroy),
});

static NEEDS: Fixed<[sluice_span; 5]> = Fixed([
    sluice_span::id(SLUICE_IF_LOG),
    sluice_span::id(SLUICE_IF_METRICS),
    sluice_span::id(SLUICE_IF_HEALTH),
    sluice_span::id(SLUICE_IF_EXEC),
    sluice_span::id(SLUICE_IF_HTTP),
]);

static DESCRIPTION: Fixed<sluice_plugin_desc> = Fixed(sluice_plugin_desc {
    size: std::mem::size_of::<sluice_plugin_desc>() as u32,
    flags: 0,
    stamp: STAMP,
    needs_minor: 0,
    reserved: 0,
    id: sluice_span::text("org.example.greeter-rust"),
    version: sluice_span::text("0.1.0"),
    summary: sluice_span::text("Greets by name."),
    config_schema: sluice_span::text(SCHEMA),
    route_schema: sluice_span::ABSENT,
    requires_ids: sluice_list::of(&NEEDS.0),
    ops: &OPS.0,
});

#[no_mangle]
pub extern "C" fn sluice_plugin_entry(
    _hello: *const sluice_hello,
    _err: *mut sluice_error,
) -> *const sluice_plugin_desc {
    &DESCRIPTION.0
}
