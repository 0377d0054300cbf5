// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/rust/greeter.rs`.
    // swift-format-ignore
    static let rustGreeterRs = TemplateFile(
        path: "greeter.rs",
        text: ##"""
        //! greeter: GET /greet/ann answers {"greeting":"hello","name":"ann","count":1}.\##n\##
        \##nmod sluice;\##n\##nuse sluice::*;\##nuse std::ffi::c_void;\##nuse std::os::raw::\##
        c_char;\##nuse std::panic::{catch_unwind, AssertUnwindSafe};\##n\##nconst SCHEMA: &s\##
        tr = r#"{"type":"object","additionalProperties":false,"properties":{\##n"greeting":{\##
        "type":"string","pattern":"^[A-Za-z ]{1,40}$","default":"hello",\##n"description":"W\##
        hat is said before the name."},\##n"everySeconds":{"type":"integer","minimum":1,"max\##
        imum":3600,"default":60,\##n"description":"How often the log says how many were gree\##
        ted."}}}"#;\##n\##n/// The tables of the host. They are there: `NEEDS` names them.\##
        \##nstruct Host {\##n    log: &'static sluice_log_api,\##n    metrics: &'static slui\##
        ce_metrics_api,\##n    health: &'static sluice_health_api,\##n    exec: &'static slu\##
        ice_exec_api,\##n    http: &'static sluice_http_api,\##n}\##n\##nstruct Greeter {\##
        \##n    host: Host,\##n    mounts: [sluice_mount; 1],\##n    greeted: *mut sluice_ce\##
        ll,\##n    greeting: String,\##n    every_ns: u64,\##n}\##n\##n/// A failure of the \##
        host or of this plugin: its status and a sentence.\##ntype Failure = (sluice_status,\##
         &'static str);\##n\##nfn check(status: sluice_status, text: &'static str) -> Result\##
        <sluice_status, Failure> {\##n    match status {\##n        0.. => Ok(status),\##n  \##
              _ => Err((status, text)),\##n    }\##n}\##n\##nimpl Host {\##n    unsafe fn ne\##
        w(host: *const sluice_host) -> Option<Host> {\##n        let find = (*host).find?;\##
        \##n        let table = |id: &[u8]| find(host, id.as_ptr() as *const c_char);\##n   \##
             Some(Host {\##n            log: (table(SLUICE_IF_LOG) as *const sluice_log_api)\##
        .as_ref()?,\##n            metrics: (table(SLUICE_IF_METRICS) as *const sluice_metri\##
        cs_api).as_ref()?,\##n            health: (table(SLUICE_IF_HEALTH) as *const sluice_\##
        health_api).as_ref()?,\##n            exec: (table(SLUICE_IF_EXEC) as *const sluice_\##
        exec_api).as_ref()?,\##n            http: (table(SLUICE_IF_HTTP) as *const sluice_ht\##
        tp_api).as_ref()?,\##n        })\##n    }\##n\##n    unsafe fn counter(&self, name: \##
        &str, help: &str) -> Result<*mut sluice_cell, Failure> {\##n        let mut counter:\##
         sluice_metric_def = zeroed();\##n        counter.size = std::mem::size_of::<sluice_\##
        metric_def>() as u32;\##n        counter.kind = SLUICE_METRIC_COUNTER;\##n        co\##
        unter.name = sluice_span::text(name);\##n        counter.help = sluice_span::text(he\##
        lp);\##n        let (mut id, mut cell) = (0, std::ptr::null_mut());\##n        let (\##
        define, series) = (self.metrics.define.unwrap(), self.metrics.cell.unwrap());\##n   \##
             let no_error = std::ptr::null_mut();\##n        check(define(self.metrics, &cou\##
        nter, &mut id, no_error), "the counter is refused")?;\##n        check(series(self.m\##
        etrics, id, std::ptr::null(), 0, &mut cell), "the counter has no cell")?;\##n       \##
         Ok(cell)\##n    }\##n}\##n\##nimpl Greeter {\##n    unsafe fn new(host: *const slui\##
        ce_host, config: &str) -> Result<Greeter, Failure> {\##n        let host = Host::new\##
        (host).ok_or((SLUICE_E_UNSUPPORTED, "a table is missing"))?;\##n        let mut moun\##
        t: sluice_mount = zeroed();\##n        mount.size = std::mem::size_of::<sluice_mount\##
        >() as u32;\##n        mount.prefix = sluice_span::text("/greet/");\##n        mount\##
        .pattern = sluice_span::text(":name");\##n        mount.methods = SLUICE_M_GET;\##n \##
               let greeted = host.counter("greetings_total", "Names that were greeted.")?;\##
        \##n        let greeting = member(config, "greeting").unwrap_or("hello").to_string()\##
        ;\##n        let every: u64 = member(config, "everySeconds").map_or(60, |text| text.\##
        parse().unwrap());\##n        let every_ns = every * 1_000_000_000;\##n        Ok(Gr\##
        eeter { host, mounts: [mount], greeted, greeting, every_ns })\##n    }\##n\##n    //\##
        / One log line with how many were greeted.\##n    unsafe fn say(&self, message: &str\##
        ) {\##n        let greeted = sluice_cell::read(self.greeted).to_string();\##n       \##
         let key = sluice_span::text("greeted");\##n        let field = sluice_field { key, \##
        value: sluice_span::text(&greeted) };\##n        let message = sluice_span::text(mes\##
        sage);\##n        self.host.log.write.unwrap()(self.host.log, SLUICE_LOG_INFO, messa\##
        ge, &field, 1);\##n    }\##n\##n    unsafe fn answer(&self, id: sluice_rid, name: &[\##
        u8]) -> Result<sluice_status, Failure> {\##n        let count = sluice_cell::add(sel\##
        f.greeted, 1) + 1;\##n        let name = quoted(&String::from_utf8_lossy(name));\##n\##
                let json =\##n            format!("{{\"greeting\":\"{}\",\"name\":{name},\"c\##
        ount\":{count}}}\n", self.greeting);\##n        let mut kind: sluice_header = zeroed\##
        ();\##n        kind.name = sluice_span::text("content-type");\##n        kind.value \##
        = sluice_span::text("application/json");\##n        let body = sluice_chunk { bytes:\##
         sluice_span::text(&json), owner: std::ptr::null_mut() };\##n        let mut answer:\##
         sluice_response = zeroed();\##n        answer.size = std::mem::size_of::<sluice_res\##
        ponse>() as u32;\##n        answer.status = 200;\##n        answer.headers = sluice_\##
        headers { items: &kind, count: 1 };\##n        (answer.body, answer.nbody) = (&body,\##
         1);\##n        // The host copies what has no owner.\##n        match self.host.htt\##
        p.respond.unwrap()(id, &answer, std::ptr::null_mut()) {\##n            SLUICE_E_GONE\##
         => Ok(SLUICE_OK), // nobody waits any more: no fault\##n            status => check\##
        (status, "the answer is refused"),\##n        }\##n    }\##n}\##n\##n/// The value o\##
        f a member of the configuration, as it is written. The host has checked the text\##n\##
        /// against the schema and writes it without spaces, and no text in it holds a quote\##
        : so the first\##n/// match is the member.\##nfn member<'a>(json: &'a str, key: &str\##
        ) -> Option<&'a str> {\##n    let name = format!("\"{key}\":");\##n    let value = &\##
        json[json.find(&name)? + name.len()..];\##n    match value.strip_prefix('"') {\##n  \##
              Some(text) => text.split('"').next(),\##n        None => value.split([',', '}'\##
        ]).next(),\##n    }\##n}\##n\##n/// A JSON string.\##nfn quoted(text: &str) -> Strin\##
        g {\##n    let mut json = String::from("\"");\##n    for letter in text.chars() {\##
        \##n        match letter {\##n            '"' | '\\' => json.extend(['\\', letter]),\##
        \##n            '\0'..='\x1f' => json += &format!("\\u{:04x}", letter as u32),\##n  \##
                  _ => json.push(letter),\##n        }\##n    }\##n    json + "\""\##n}\##n\##
        \##n// What the host calls. No panic leaves these functions.\##n\##n/// Runs `body`;\##
         a failure, and a panic too, is reported in `err`.\##nunsafe fn guarded(\##n    err:\##
         *mut sluice_error,\##n    body: impl FnOnce() -> Result<sluice_status, Failure>,\##
        \##n) -> sluice_status {\##n    match catch_unwind(AssertUnwindSafe(body)) {\##n    \##
            Ok(Ok(status)) => status,\##n        Ok(Err((status, text))) => sluice_fail(err,\##
         status, text),\##n        Err(_) => sluice_fail(err, SLUICE_E_INTERNAL, "the plugin\##
         panicked"),\##n    }\##n}\##n\##nunsafe extern "C" fn create(\##n    host: *const s\##
        luice_host,\##n    instance: *const sluice_instance,\##n    this: *mut *mut c_void,\##
        \##n    err: *mut sluice_error,\##n) -> sluice_status {\##n    guarded(err, || {\##n\##
                let config = String::from_utf8_lossy((*instance).config.bytes());\##n       \##
         *this = Box::into_raw(Box::new(Greeter::new(host, &config)?)) as *mut c_void;\##n  \##
              Ok(SLUICE_OK)\##n    })\##n}\##n\##nunsafe extern "C" fn destroy(this: *mut c_\##
        void) {\##n    drop(Box::from_raw(this as *mut Greeter));\##n}\##n\##n/// `[lane]` T\##
        he final call comes by itself when the instance stops: there is nothing to free.\##n\##
        unsafe extern "C" fn tick(this: *mut c_void, why: sluice_status) {\##n    guarded(st\##
        d::ptr::null_mut(), || {\##n        if why == SLUICE_OK {\##n            (*(this as \##
        *const Greeter)).say("so far");\##n        }\##n        Ok(SLUICE_OK)\##n    });\##n\##
        }\##n\##nunsafe extern "C" fn start(this: *mut c_void, err: *mut sluice_error) -> sl\##
        uice_status {\##n    guarded(err, || {\##n        let greeter = &*(this as *const Gr\##
        eeter);\##n        let (exec, health) = (greeter.host.exec, greeter.host.health);\##
        \##n        let (every, no_id) = (greeter.every_ns, std::ptr::null_mut());\##n      \##
          check(exec.timer.unwrap()(exec, every, every, Some(tick), this, no_id), "no timer"\##
        )?;\##n        greeter.say("ready to greet");\##n        let (component, message) =\##
        \##n            (sluice_span::text("greeter"), sluice_span::text("greets who asks"))\##
        ;\##n        Ok(health.report.unwrap()(health, component, SLUICE_HEALTH_READY, messa\##
        ge))\##n    })\##n}\##n\##nunsafe extern "C" fn mounts(\##n    this: *mut c_void,\##
        \##n    out: *mut sluice_list,\##n    _err: *mut sluice_error,\##n) -> sluice_status\##
         {\##n    *out = sluice_list::of(&(*(this as *const Greeter)).mounts);\##n    SLUICE\##
        _OK\##n}\##n\##nunsafe extern "C" fn request(\##n    this: *mut c_void,\##n    id: s\##
        luice_rid,\##n    _tag: u32,\##n    request: *const sluice_request,\##n    _body: *c\##
        onst sluice_chunk,\##n    _nbody: usize,\##n    _ctx: *mut *mut c_void,\##n    err: \##
        *mut sluice_error,\##n) -> sluice_status {\##n    guarded(err, || (*(this as *const \##
        Greeter)).answer(id, (*request).suffix.bytes()))\##n}\##n\##nunsafe extern "C" fn ro\##
        le(_this: *mut c_void, role_id: *const c_char) -> *const c_void {\##n    match std::\##
        ffi::CStr::from_ptr(role_id).to_bytes_with_nul() == SLUICE_ROLE_SERVICE {\##n       \##
         true => &SERVICE.0 as *const sluice_service_ops as *const c_void,\##n        false \##
        => std::ptr::null(),\##n    }\##n}\##n\##n/// A table or a description: written by t\##
        he compiler, read by the host.\##nstruct Fixed<T>(T);\##nunsafe impl<T> Sync for Fix\##
        ed<T> {}\##n\##nstatic SERVICE: Fixed<sluice_service_ops> = Fixed(sluice_service_ops\##
         {\##n    size: std::mem::size_of::<sluice_service_ops>() as u32,\##n    reserved: 0\##
        ,\##n    mounts: Some(mounts),\##n    request: Some(request),\##n    body: None,\##n\##
            trailers: None,\##n    writable: None,\##n    cancel: None,\##n    done: None,\##
        \##n});\##n\##nstatic OPS: Fixed<sluice_plugin_ops> = Fixed(sluice_plugin_ops {\##n \##
           size: std::mem::size_of::<sluice_plugin_ops>() as u32,\##n    reserved: 0,\##n   \##
         check_config: None,\##n    create: Some(create),\##n    traits: None,\##n    role: \##
        Some(role),\##n    start: Some(start),\##n    reconfigure: None,\##n    drain: None,\##
        \##n    stop: None,\##n    destroy: Some(destroy),\##n});\##n\##nstatic NEEDS: Fixed\##
        <[sluice_span; 5]> = Fixed([\##n    sluice_span::id(SLUICE_IF_LOG),\##n    sluice_sp\##
        an::id(SLUICE_IF_METRICS),\##n    sluice_span::id(SLUICE_IF_HEALTH),\##n    sluice_s\##
        pan::id(SLUICE_IF_EXEC),\##n    sluice_span::id(SLUICE_IF_HTTP),\##n]);\##n\##nstati\##
        c DESCRIPTION: Fixed<sluice_plugin_desc> = Fixed(sluice_plugin_desc {\##n    size: s\##
        td::mem::size_of::<sluice_plugin_desc>() as u32,\##n    flags: 0,\##n    stamp: STAM\##
        P,\##n    needs_minor: 0,\##n    reserved: 0,\##n    id: sluice_span::text("org.exam\##
        ple.greeter-rust"),\##n    version: sluice_span::text("0.1.0"),\##n    summary: slui\##
        ce_span::text("Greets by name."),\##n    config_schema: sluice_span::text(SCHEMA),\##
        \##n    route_schema: sluice_span::ABSENT,\##n    requires_ids: sluice_list::of(&NEE\##
        DS.0),\##n    ops: &OPS.0,\##n});\##n\##n#[no_mangle]\##npub extern "C" fn sluice_pl\##
        ugin_entry(\##n    _hello: *const sluice_hello,\##n    _err: *mut sluice_error,\##n)\##
         -> *const sluice_plugin_desc {\##n    &DESCRIPTION.0\##n}\##n
        """##
    )
}
