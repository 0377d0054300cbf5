// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/c/greeter.c`.
    // swift-format-ignore
    static let cGreeterC = TemplateFile(
        path: "greeter.c",
        text: ##"""
        /* greeter: GET /greet/ann answers {"greeting":"hello","name":"ann","count":1}. */\##
        \##n#include <sluice.h>\##n#include <stdio.h>\##n#include <stdlib.h>\##n#include <st\##
        ring.h>\##n\##n/* Bytes of a greeting, its end included. The pattern below is what c\##
        onfig_text relies on. */\##n#define GREETING_MAX 41\##n#define SECOND 1000000000u\##
        \##n\##nstatic const char schema[] =\##n    "{\"type\":\"object\",\"additionalProper\##
        ties\":false,\"properties\":{"\##n    "\"greeting\":{\"type\":\"string\",\"pattern\"\##
        :\"^[A-Za-z ]{1,40}$\",\"default\":\"hello\","\##n    "\"description\":\"What is sai\##
        d before the name.\"},"\##n    "\"everySeconds\":{\"type\":\"integer\",\"minimum\":1\##
        ,\"maximum\":3600,\"default\":60,"\##n    "\"description\":\"How often the log says \##
        how many were greeted.\"}}}";\##n\##ntypedef struct greeter {\##n  const sluice_log_\##
        api *log;\##n  const sluice_metrics_api *metrics;\##n  const sluice_health_api *heal\##
        th;\##n  const sluice_exec_api *exec;\##n  const sluice_http_api *http;\##n  sluice_\##
        mount mount;\##n  sluice_cell *greeted;\##n  uint64_t every_seconds;\##n  char greet\##
        ing[GREETING_MAX];\##n} greeter;\##n\##n/* What follows `"key":` in the configuratio\##
        n; NULL without that key. The host has checked the text\##n * against the schema and\##
         writes it without spaces, and no text in it holds a quote: so the first\##n * match\##
         is the member. */\##nstatic const char *config_member(const char *json, const char \##
        *key) {\##n  char name[32];\##n  const char *found;\##n  snprintf(name, sizeof name,\##
         "\"%s\":", key);\##n  found = strstr(json, name);\##n  return found ? found + strle\##
        n(name) : NULL;\##n}\##n\##nstatic sluice_status configure(greeter *g, sluice_span c\##
        onfig, sluice_error *err) {\##n  char *json = malloc(config.len + 1);\##n  const cha\##
        r *greeting, *every;\##n  if (json == NULL)\##n    return sluice_fail(err, SLUICE_E_\##
        NOMEM, sluice_text("no memory for the configuration"));\##n  memcpy(json, config.dat\##
        a, config.len);\##n  json[config.len] = 0;\##n  greeting = config_member(json, "gree\##
        ting");\##n  if (greeting == NULL || sscanf(greeting, "\"%40[A-Za-z ]", g->greeting)\##
         != 1)\##n    strcpy(g->greeting, "hello");\##n  every = config_member(json, "everyS\##
        econds");\##n  g->every_seconds = every ? strtoull(every, NULL, 10) : 60;\##n  free(\##
        json);\##n  return SLUICE_OK;\##n}\##n\##nstatic sluice_status create(const sluice_h\##
        ost *host, const sluice_instance *instance,\##n                            void **se\##
        lf, sluice_error *err) {\##n  sluice_metric_def counter = {.size = sizeof counter, .\##
        kind = SLUICE_METRIC_COUNTER};\##n  sluice_status status;\##n  uint32_t id;\##n  gre\##
        eter *g = calloc(1, sizeof *g);\##n  if (g == NULL)\##n    return sluice_fail(err, S\##
        LUICE_E_NOMEM, sluice_text("no memory for an instance"));\##n  g->log = host->find(h\##
        ost, SLUICE_IF_LOG); /* all there: requires_ids names them */\##n  g->metrics = host\##
        ->find(host, SLUICE_IF_METRICS);\##n  g->health = host->find(host, SLUICE_IF_HEALTH)\##
        ;\##n  g->exec = host->find(host, SLUICE_IF_EXEC);\##n  g->http = host->find(host, S\##
        LUICE_IF_HTTP);\##n  g->mount.size = sizeof g->mount;\##n  g->mount.prefix = sluice_\##
        text("/greet/");\##n  g->mount.pattern = sluice_text(":name");\##n  g->mount.methods\##
         = SLUICE_M_GET;\##n  counter.name = sluice_text("greetings_total");\##n  counter.he\##
        lp = sluice_text("Names that were greeted.");\##n  status = configure(g, instance->c\##
        onfig, err);\##n  if (status >= 0)\##n    status = g->metrics->define(g->metrics, &c\##
        ounter, &id, err);\##n  if (status >= 0)\##n    status = g->metrics->cell(g->metrics\##
        , id, NULL, 0, &g->greeted);\##n  if (status < 0) {\##n    free(g);\##n    return st\##
        atus;\##n  }\##n  *self = g;\##n  return SLUICE_OK;\##n}\##n\##n/* One log line with\##
         how many were greeted. */\##nstatic void say(greeter *g, const char *message) {\##n\##
          char digits[24];\##n  sluice_field count = {sluice_text("greeted"), {NULL, 0}};\##
        \##n  uint64_t greeted = __atomic_load_n(&g->greeted->value, __ATOMIC_RELAXED);\##n \##
         snprintf(digits, sizeof digits, "%llu", (unsigned long long)greeted);\##n  count.va\##
        lue = sluice_text(digits);\##n  g->log->write(g->log, SLUICE_LOG_INFO, sluice_text(m\##
        essage), &count, 1);\##n}\##n\##n/* [lane] The final call comes by itself when the i\##
        nstance stops: there is nothing to free. */\##nstatic void tick(void *ctx, sluice_st\##
        atus why) {\##n  if (why == SLUICE_OK)\##n    say(ctx, "so far");\##n}\##n\##nstatic\##
         sluice_status start(void *self, sluice_error *err) {\##n  greeter *g = self;\##n  u\##
        int64_t every = g->every_seconds * SECOND;\##n  sluice_status status = g->exec->time\##
        r(g->exec, every, every, tick, g, NULL);\##n  if (status < 0)\##n    return sluice_f\##
        ail(err, status, sluice_text("no timer"));\##n  say(g, "ready to greet");\##n  retur\##
        n g->health->report(g->health, sluice_text("greeter"), SLUICE_HEALTH_READY,\##n     \##
                              sluice_text("greets who asks"));\##n}\##n\##nstatic sluice_sta\##
        tus mounts(void *self, sluice_list *out, sluice_error *err) {\##n  (void)err;\##n  *\##
        out = sluice_items(&((greeter *)self)->mount, 1, sizeof(sluice_mount));\##n  return \##
        SLUICE_OK;\##n}\##n\##n/* Writes text as a JSON string, at most 6 bytes for each of \##
        its bytes and 2 more. */\##nstatic char *put_string(char *at, sluice_span text) {\##
        \##n  *at++ = '"';\##n  for (size_t i = 0; i < text.len; i++) {\##n    uint8_t byte \##
        = text.data[i];\##n    if (byte < 0x20) {\##n      at += sprintf(at, "\\u%04x", byte\##
        );\##n    } else {\##n      if (byte == '"' || byte == '\\')\##n        *at++ = '\\'\##
        ;\##n      *at++ = (char)byte;\##n    }\##n  }\##n  *at++ = '"';\##n  return at;\##n\##
        }\##n\##nstatic sluice_status request(void *self, sluice_rid id, uint32_t tag,\##n  \##
                                   const sluice_request *request, const sluice_chunk *body,\##
        \##n                             size_t nbody, void **ctx, sluice_error *err) {\##n \##
         greeter *g = self;\##n  sluice_header type = {.name = sluice_text("content-type"),\##
        \##n                        .value = sluice_text("application/json")};\##n  sluice_c\##
        hunk piece = {{NULL, 0}, NULL};\##n  sluice_response answer = {.size = sizeof answer\##
        , .status = 200, .headers = {&type, 1},\##n                            .body = &piec\##
        e, .nbody = 1};\##n  sluice_status status;\##n  char *json = malloc(6 * request->suf\##
        fix.len + 128);\##n  char *at = json;\##n  (void)tag, (void)body, (void)nbody, (void\##
        )ctx;\##n  if (json == NULL)\##n    return sluice_fail(err, SLUICE_E_NOMEM, sluice_t\##
        ext("no memory for an answer"));\##n  sluice_cell_add(g->greeted, 1);\##n  at += spr\##
        intf(at, "{\"greeting\":\"%s\",\"name\":", g->greeting);\##n  at = put_string(at, re\##
        quest->suffix);\##n  at += sprintf(at, ",\"count\":%llu}\n",\##n                (uns\##
        igned long long)__atomic_load_n(&g->greeted->value, __ATOMIC_RELAXED));\##n  piece.b\##
        ytes = sluice_bytes(json, (size_t)(at - json));\##n  status = g->http->respond(id, &\##
        answer, err); /* copies what has no owner */\##n  free(json);\##n  return status == \##
        SLUICE_E_GONE ? SLUICE_OK : status; /* nobody waits: no fault */\##n}\##n\##nstatic \##
        const sluice_service_ops service = {\##n    .size = sizeof service, .mounts = mounts\##
        , .request = request};\##n\##nstatic const void *role(void *self, const char *role_i\##
        d) {\##n  (void)self;\##n  return strcmp(role_id, SLUICE_ROLE_SERVICE) == 0 ? &servi\##
        ce : NULL;\##n}\##n\##nstatic const sluice_plugin_ops ops = {\##n    .size = sizeof \##
        ops, .create = create, .role = role, .start = start, .destroy = free};\##n\##nconst \##
        sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err\##
        ) {\##n  static sluice_span needs[5];\##n  static sluice_plugin_desc desc;\##n  (voi\##
        d)hello, (void)err;\##n  needs[0] = sluice_text(SLUICE_IF_LOG);\##n  needs[1] = slui\##
        ce_text(SLUICE_IF_METRICS);\##n  needs[2] = sluice_text(SLUICE_IF_HEALTH);\##n  need\##
        s[3] = sluice_text(SLUICE_IF_EXEC);\##n  needs[4] = sluice_text(SLUICE_IF_HTTP);\##n\##
          desc.size = sizeof desc;\##n  desc.stamp = sluice_stamp_make();\##n  desc.id = slu\##
        ice_text("org.example.greeter-c");\##n  desc.version = sluice_text("0.1.0");\##n  de\##
        sc.summary = sluice_text("Greets by name.");\##n  desc.config_schema = sluice_text(s\##
        chema);\##n  desc.requires_ids = sluice_items(needs, 5, sizeof needs[0]);\##n  desc.\##
        ops = &ops;\##n  return &desc;\##n}\##n
        """##
    )
}
