//! every, in Rust: see the README one folder up.

mod plugin;
mod sluice;

use sluice::*;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

pub struct Every {
    pub host: &'static sluice_host,
    pub bytes: Option<&'static sluice_bytes_api>,
    pub log: Option<&'static sluice_log_api>,
    pub metrics: Option<&'static sluice_metrics_api>,
    pub health: Option<&'static sluice_health_api>,
    pub exec: Option<&'static sluice_exec_api>,
    pub client: Option<&'static sluice_client_api>,
    pub routing: Option<&'static sluice_routing_api>,
    pub http: Option<&'static sluice_http_api>,
    pub reply: Option<&'static sluice_reply_api>,
    pub config_dir: String,
    pub state_dir: String,
    pub missing: Vec<String>,
    pub mounts: [sluice_mount; 1],
    pub operations: [sluice_op; 2],
    /// What came of each entry; None: the member is NULL.
    pub entries: Mutex<BTreeMap<&'static str, Option<sluice_status>>>,
    pub watch: AtomicU64,
    pub streamed: AtomicU64,
}

/// Calls a member of a table that is there, with its table and its function; a member that is NULL
/// is reported.
macro_rules! call {
    ($e:ident, $table:ident.$member:ident, |$t:ident, $f:ident| $body:expr) => {
        if let Some($t) = $e.$table {
            match $t.$member {
                Some($f) => $body,
                None => $e.note(concat!(stringify!($table), ".", stringify!($member)), None),
            }
        }
    };
}

/// Calls a member, and reports its status.
macro_rules! status {
    ($e:ident, $table:ident.$member:ident, |$t:ident, $f:ident| $body:expr) => {
        call!($e, $table.$member, |$t, $f| {
            let status: sluice_status = $body;
            $e.record(concat!(stringify!($table), ".", stringify!($member)), status);
        })
    };
}

/// Calls a member that answers nothing.
macro_rules! nothing {
    ($e:ident, $table:ident.$member:ident, |$t:ident, $f:ident| $body:expr) => {
        status!($e, $table.$member, |$t, $f| {
            $body;
            SLUICE_OK
        })
    };
}

fn text(text: &str) -> sluice_span {
    sluice_span::text(text)
}

fn right(holds: bool) -> sluice_status {
    match holds {
        true => SLUICE_OK,
        false => SLUICE_E_INTERNAL,
    }
}

const NONE: sluice_headers = sluice_headers { items: null(), count: 0 };

/// A struct of the header with its size.
unsafe fn sized<T>() -> T {
    let mut made: T = zeroed();
    *(&mut made as *mut T as *mut u32) = size_of::<T>() as u32;
    made
}

unsafe fn every<'a>(this: *mut c_void) -> &'a Every {
    &*(this as *const Every)
}

fn chunk(bytes: &str) -> sluice_chunk {
    sluice_chunk { bytes: text(bytes), owner: null_mut() }
}

impl Every {
    /// The first result of an entry counts.
    fn note(&self, name: &'static str, status: Option<sluice_status>) {
        self.entries.lock().unwrap().entry(name).or_insert(status);
    }

    pub fn record(&self, name: &'static str, status: sluice_status) {
        self.note(name, Some(status));
    }

    fn this(&self) -> *mut c_void {
        self as *const Every as *mut c_void
    }

    fn file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(format!("{}/every/{name}", self.config_dir)).ok()
    }

    pub fn report(&self) -> String {
        let missing: Vec<String> = self.missing.iter().map(|id| format!("\"{id}\"")).collect();
        let entries: Vec<String> = (self.entries.lock().unwrap().iter())
            .map(|(name, status)| match status {
                Some(status) => format!("\"{name}\":{status}"),
                None => format!("\"{name}\":null"),
            })
            .collect();
        format!("{{\"missing\":[{}],\"entries\":{{{}}}}}", missing.join(","), entries.join(","))
    }

    // Tables without a request.

    pub unsafe fn start(&self) {
        let http = self.http.map_or(null(), |http| http as *const sluice_http_api);
        let id = SLUICE_IF_HTTP.as_ptr() as *const std::os::raw::c_char;
        let found = self.host.find.unwrap()(self.host, id);
        self.record("host.find", right(found == http as *const c_void));
        self.bytes();
        self.log_and_metrics();
        self.health();
        self.exec();
        self.routing();
        self.client();
        self.look();
    }

    unsafe fn bytes(&self) {
        let (mut copied, mut wrapped) = (null_mut(), null_mut());
        status!(self, bytes.copy, |_table, f| f(text("copied"), &mut copied));
        status!(self, bytes.view, |_table, f| right(f(copied).bytes() == b"copied"));
        nothing!(self, bytes.retain, |_table, f| f(copied));
        call!(self, bytes.wrap, |_table, f| {
            let status = f(self.host, text("wrapped"), Some(released), self.this(), &mut wrapped);
            if status < 0 {
                self.record("bytes.wrap", status);
            }
        });
        nothing!(self, bytes.release, |_table, f| {
            f(wrapped);
            f(copied);
            f(copied)
        });
    }

    unsafe fn log_and_metrics(&self) {
        let field = sluice_field { key: text("key"), value: text("value") };
        let message = text("every entry is called");
        nothing!(self, log.write, |log, f| f(log, SLUICE_LOG_INFO, message, &field, 1));
        let mut def: sluice_metric_def = sized();
        def.kind = SLUICE_METRIC_HISTOGRAM;
        def.name = text("calls");
        let buckets = [1.0, 2.0];
        (def.buckets, def.nbuckets) = (buckets.as_ptr(), 2);
        let (mut id, mut cell) = (0, null_mut());
        status!(self, metrics.define, |metrics, f| f(metrics, &def, &mut id, null_mut()));
        status!(self, metrics.cell, |metrics, f| f(metrics, id, null(), 0, &mut cell));
        nothing!(self, metrics.observe, |metrics, f| f(metrics, cell, 1.5));
    }

    unsafe fn health(&self) {
        let (component, ready) = (text("every"), SLUICE_HEALTH_READY);
        status!(self, health.report, |health, f| f(health, component, ready, text("ready")));
        status!(self, health.beat, |health, f| f(health, component, SLUICE_NEVER));
    }

    unsafe fn exec(&self) {
        let this = self.this();
        let failed = |name, status| {
            if status < 0 {
                self.record(name, status);
            }
        };
        status!(self, exec.now_ns, |exec, f| right(f(exec) > 0));
        status!(self, exec.here, |exec, f| right(f(exec) == SLUICE_ON_LANE));
        call!(self, exec.post, |exec, f| failed("exec.post", f(exec, Some(posted), this)));
        call!(self, exec.blocking, |exec, f| {
            failed("exec.blocking", f(exec, Some(work), Some(worked), this))
        });
        call!(self, exec.timer, |exec, f| {
            failed("exec.timer", f(exec, 1_000_000, 0, Some(fired), this, null_mut()))
        });
        call!(self, exec.watch_fd, |exec, f| {
            let mut id = 0;
            failed("exec.watch_fd", f(exec, eventfd(1, 0o2000000), 1, Some(ready), this, &mut id));
            self.watch.store(id, Ordering::Relaxed);
        });
    }

    unsafe fn put(&self, txn: *mut sluice_txn, kind: &str) {
        if let Some(json) = self.file(&format!("{kind}.json")) {
            let mut document: sluice_document = sized();
            document.kind = text(kind);
            document.name = text("every");
            document.json = text(&json);
            status!(self, routing.put, |routing, f| f(routing, txn, &document, null_mut()));
        }
    }

    unsafe fn routing(&self) {
        let mut txn = null_mut();
        let (pool, nothing) = (text("pool"), text("nothing"));
        status!(self, routing.begin, |routing, f| {
            f(routing, text("dropped"), 0, &mut txn, null_mut())
        });
        nothing!(self, routing.abandon, |routing, f| f(routing, txn));
        call!(self, routing.begin, |routing, f| {
            f(routing, text("kept"), SLUICE_TXN_RESYNC, &mut txn, null_mut());
        });
        for kind in ["listener", "pool", "route"] {
            self.put(txn, kind);
        }
        status!(self, routing.keep, |routing, f| f(routing, txn, pool, nothing));
        status!(self, routing.remove, |routing, f| f(routing, txn, pool, nothing));
        let mut issue: sluice_issue = sized();
        issue.severity = SLUICE_ISSUE_WARNING;
        (issue.kind, issue.name) = (pool, text("noted"));
        (issue.code, issue.text) = (text("every"), text("nothing is wrong"));
        status!(self, routing.note, |routing, f| f(routing, txn, text("key"), &issue, null_mut()));
        status!(self, routing.unnote, |routing, f| f(routing, txn, text("key")));
        call!(self, routing.commit, |routing, f| {
            let status = f(routing, txn, None, Some(committed), self.this());
            if status < 0 {
                self.record("routing.commit", status);
            }
        });
    }

    unsafe fn client(&self) {
        let mut profile: sluice_tls_profile = sized();
        profile.flags = SLUICE_TLS_INSECURE;
        profile.name = text("every");
        status!(self, client.profile, |client, f| f(client, &profile, null_mut()));
        let origin = self.file("origin").unwrap_or_default();
        let mut request: sluice_call = sized();
        request.flags = SLUICE_CALL_STREAM_BODY;
        (request.method, request.url) = (text("POST"), text(&origin));
        let mut events: sluice_call_events = sized();
        events.end = Some(ended);
        let (mut id, piece) = (SLUICE_NO_ID, chunk("piece"));
        call!(self, client.send, |client, f| {
            let status = f(client, &request, &events, self.this(), &mut id, null_mut());
            if status < 0 {
                self.record("client.send", status);
            }
        });
        status!(self, client.write, |client, f| f(client, id, &piece, 1, 0));
        status!(self, client.resume, |client, f| f(client, id));
        status!(self, client.cancel, |client, f| f(client, id));
    }

    /// Members that nothing reaches while they are NULL.
    unsafe fn look(&self) {
        call!(self, http.header_set, |_table, _f| ());
        call!(self, http.header_add, |_table, _f| ());
        call!(self, http.header_remove, |_table, _f| ());
        call!(self, http.path_set, |_table, _f| ());
        call!(self, http.status_set, |_table, _f| ());
        call!(self, http.body_set, |_table, _f| ());
        call!(self, http.held, |_table, _f| ());
    }

    // Service.

    unsafe fn respond(&self, id: sluice_rid, code: i32, body: &str) {
        let piece = chunk(body);
        let mut response: sluice_response = sized();
        (response.status, response.body, response.nbody) = (code, &piece, 1);
        status!(self, http.respond, |_table, f| f(id, &response, null_mut()));
    }

    pub unsafe fn request(&self, id: sluice_rid, suffix: &[u8]) -> sluice_status {
        match suffix {
            b"report" => self.respond(id, 200, &self.report()),
            b"whole" => self.whole(id),
            b"pieces" => {
                status!(self, http.inform, |_table, f| f(id, 103, NONE, null_mut()));
                status!(self, http.begin, |_table, f| f(id, 200, NONE, null_mut()));
                self.streamed.store(id, Ordering::Relaxed);
                return SLUICE_PENDING;
            }
            b"abort" => status!(self, http.abort, |_table, f| f(id, text("wanted"))),
            b"forward" => return self.forward(id),
            _ => return SLUICE_DECLINED,
        }
        SLUICE_OK
    }

    unsafe fn whole(&self, id: sluice_rid) {
        status!(self, http.header, |_table, f| {
            right(f(id, SLUICE_REQUEST, text("x-every"), 0).bytes() == b"yes")
        });
        let exec = self.exec.unwrap();
        let end = exec.now_ns.unwrap()(exec) + 60_000_000_000;
        status!(self, http.deadline, |_table, f| f(id, end));
        self.respond(id, 200, "whole");
    }

    unsafe fn forward(&self, id: sluice_rid) -> sluice_status {
        let mut to: sluice_forward = sized();
        to.pool = text("every");
        status!(self, http.forward, |_table, f| f(id, &to, null_mut()));
        if self.http.unwrap().forward.is_some() {
            return SLUICE_PENDING;
        }
        self.respond(id, 501, "no forward");
        SLUICE_OK
    }

    pub unsafe fn body(&self, id: sluice_rid, flags: u32) -> sluice_status {
        if id != self.streamed.load(Ordering::Relaxed) {
            return SLUICE_OK;
        }
        let piece = chunk("piece");
        status!(self, http.write, |_table, f| f(id, &piece, 1, 0));
        if flags & SLUICE_END == 0 {
            let exec = self.exec.unwrap();
            let status = exec.post.unwrap()(exec, Some(ask), self.this());
            return if status < 0 { SLUICE_OK } else { SLUICE_E_AGAIN };
        }
        status!(self, http.finish, |_table, f| f(id, NONE));
        SLUICE_OK
    }

    // Filter.

    pub unsafe fn open(&self, id: sluice_rid) {
        let (side, name, value) = (SLUICE_REQUEST, text("x-every"), text("yes"));
        status!(self, http.header_set, |_table, f| f(id, side, name, value));
        status!(self, http.header_add, |_table, f| f(id, side, name, value));
        status!(self, http.header_remove, |_table, f| f(id, side, text("x-removed")));
        status!(self, http.path_set, |_table, f| f(id, text("/filtered"), sluice_span::ABSENT));
    }

    pub unsafe fn filter_body(&self, id: sluice_rid, side: u32, flags: u32) -> sluice_flow {
        if flags & SLUICE_END == 0 {
            return SLUICE_HOLD;
        }
        let mut out = [chunk(""); 8];
        let (mut count, piece) = (out.len(), chunk("filtered"));
        status!(self, http.held, |_table, f| f(id, side, out.as_mut_ptr(), &mut count));
        status!(self, http.body_set, |_table, f| f(id, side, &piece, 1));
        SLUICE_GO
    }

    pub unsafe fn response(&self, id: sluice_rid) {
        status!(self, http.status_set, |_table, f| f(id, 201));
    }

    // Operations.

    pub unsafe fn operation(&self, out: *mut sluice_reply) -> sluice_status {
        nothing!(self, reply.text, |_table, f| f(out, text("text"), text("a")));
        nothing!(self, reply.number, |_table, f| f(out, text("number"), 1.5));
        nothing!(self, reply.integer, |_table, f| f(out, text("integer"), 7));
        nothing!(self, reply.boolean, |_table, f| f(out, text("boolean"), 1));
        nothing!(self, reply.json, |_table, f| f(out, text("json"), text("[1]")));
        nothing!(self, reply.push, |_table, f| f(out, text("child"), 0));
        nothing!(self, reply.pop, |_table, f| f(out));
        SLUICE_OK
    }

    pub unsafe fn failing(&self, out: *mut sluice_reply) -> sluice_status {
        nothing!(self, reply.fail, |_table, f| f(out, text("wanted")));
        SLUICE_E_STATE
    }
}

// What the host calls back. Nothing in them panics.

extern "C" {
    fn eventfd(start: u32, flags: i32) -> i32;
    fn close(fd: i32) -> i32;
}

unsafe extern "C" fn released(this: *mut c_void) {
    every(this).record("bytes.wrap", SLUICE_OK);
}

unsafe extern "C" fn posted(this: *mut c_void, why: sluice_status) {
    every(this).record("exec.post", why);
}

unsafe extern "C" fn work(_this: *mut c_void) {}

unsafe extern "C" fn worked(this: *mut c_void, why: sluice_status) {
    every(this).record("exec.blocking", why);
}

unsafe extern "C" fn fired(this: *mut c_void, why: sluice_status) {
    every(this).record("exec.timer", why);
}

unsafe extern "C" fn ready(this: *mut c_void, fd: i32, revents: u32) {
    let every = every(this);
    if revents == 0 {
        close(fd);
        return;
    }
    every.record("exec.watch_fd", SLUICE_OK);
    let id = every.watch.load(Ordering::Relaxed);
    status!(every, exec.cancel, |exec, f| f(exec, id));
}

unsafe extern "C" fn committed(this: *mut c_void, status: sluice_status, _generation: u64) {
    every(this).record("routing.commit", status);
}

unsafe extern "C" fn ended(
    this: *mut c_void,
    _id: sluice_cid,
    _trailers: sluice_headers,
    result: *const sluice_call_result,
) {
    every(this).record("client.send", right((*result).outcome == SLUICE_E_CANCELED));
}

unsafe extern "C" fn ask(this: *mut c_void, why: sluice_status) {
    let every = every(this);
    let id = every.streamed.load(Ordering::Relaxed);
    if why == SLUICE_OK {
        status!(every, http.resume, |_table, f| f(id, SLUICE_REQUEST));
    }
}

pub unsafe extern "C" fn drained(this: *mut c_void, _why: sluice_status) {
    let every = every(this);
    nothing!(every, exec.drained, |exec, f| f(exec));
}

pub unsafe extern "C" fn stopped(this: *mut c_void, _why: sluice_status) {
    let every = every(this);
    call!(every, exec.stopped, |exec, f| {
        every.record("exec.stopped", SLUICE_OK);
        // The test finds out when it was not written.
        let _ = std::fs::write(format!("{}/report.json", every.state_dir), every.report());
        f(exec)
    });
}
