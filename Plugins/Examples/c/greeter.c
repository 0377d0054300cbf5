/* greeter: GET /greet/ann answers {"greeting":"hello","name":"ann","count":1}. */
#include <sluice.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a greeting, its end included. The pattern below is what config_text relies on. */
#define GREETING_MAX 41
#define SECOND 1000000000u

static const char schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"greeting\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z ]{1,40}$\",\"default\":\"hello\","
    "\"description\":\"What is said before the name.\"},"
    "\"everySeconds\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3600,\"default\":60,"
    "\"description\":\"How often the log says how many were greeted.\"}}}";

typedef struct greeter {
  const sluice_log_api *log;
  const sluice_metrics_api *metrics;
  const sluice_health_api *health;
  const sluice_exec_api *exec;
  const sluice_http_api *http;
  sluice_mount mount;
  sluice_cell *greeted;
  uint64_t every_seconds;
  char greeting[GREETING_MAX];
} greeter;

/* What follows `"key":` in the configuration; NULL without that key. The host has checked the text
 * against the schema and writes it without spaces, and no text in it holds a quote: so the first
 * match is the member. */
static const char *config_member(const char *json, const char *key) {
  char name[32];
  const char *found;
  snprintf(name, sizeof name, "\"%s\":", key);
  found = strstr(json, name);
  return found ? found + strlen(name) : NULL;
}

static sluice_status configure(greeter *g, sluice_span config, sluice_error *err) {
  char *json = malloc(config.len + 1);
  const char *greeting, *every;
  if (json == NULL)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory for the configuration"));
  memcpy(json, config.data, config.len);
  json[config.len] = 0;
  greeting = config_member(json, "greeting");
  if (greeting == NULL || sscanf(greeting, "\"%40[A-Za-z ]", g->greeting) != 1)
    strcpy(g->greeting, "hello");
  every = config_member(json, "everySeconds");
  g->every_seconds = every ? strtoull(every, NULL, 10) : 60;
  free(json);
  return SLUICE_OK;
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance,
                            void **self, sluice_error *err) {
  sluice_metric_def counter = {.size = sizeof counter, .kind = SLUICE_METRIC_COUNTER};
  sluice_status status;
  uint32_t id;
  greeter *g = calloc(1, sizeof *g);
  if (g == NULL)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory for an instance"));
  g->log = host->find(host, SLUICE_IF_LOG); /* all there: requires_ids names them */
  g->metrics = host->find(host, SLUICE_IF_METRICS);
  g->health = host->find(host, SLUICE_IF_HEALTH);
  g->exec = host->find(host, SLUICE_IF_EXEC);
  g->http = host->find(host, SLUICE_IF_HTTP);
  g->mount.size = sizeof g->mount;
  g->mount.prefix = sluice_text("/greet/");
  g->mount.pattern = sluice_text(":name");
  g->mount.methods = SLUICE_M_GET;
  counter.name = sluice_text("greetings_total");
  counter.help = sluice_text("Names that were greeted.");
  status = configure(g, instance->config, err);
  if (status >= 0)
    status = g->metrics->define(g->metrics, &counter, &id, err);
  if (status >= 0)
    status = g->metrics->cell(g->metrics, id, NULL, 0, &g->greeted);
  if (status < 0) {
    free(g);
    return status;
  }
  *self = g;
  return SLUICE_OK;
}

/* One log line with how many were greeted. */
static void say(greeter *g, const char *message) {
  char digits[24];
  sluice_field count = {sluice_text("greeted"), {NULL, 0}};
  uint64_t greeted = __atomic_load_n(&g->greeted->value, __ATOMIC_RELAXED);
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)greeted);
  count.value = sluice_text(digits);
  g->log->write(g->log, SLUICE_LOG_INFO, sluice_text(message), &count, 1);
}

/* [lane] The final call comes by itself when the instance stops: there is nothing to free. */
static void tick(void *ctx, sluice_status why) {
  if (why == SLUICE_OK)
    say(ctx, "so far");
}

static sluice_status start(void *self, sluice_error *err) {
  greeter *g = self;
  uint64_t every = g->every_seconds * SECOND;
  sluice_status status = g->exec->timer(g->exec, every, every, tick, g, NULL);
  if (status < 0)
    return sluice_fail(err, status, sluice_text("no timer"));
  say(g, "ready to greet");
  return g->health->report(g->health, sluice_text("greeter"), SLUICE_HEALTH_READY,
                           sluice_text("greets who asks"));
}

static sluice_status mounts(void *self, sluice_list *out, sluice_error *err) {
  (void)err;
  *out = sluice_items(&((greeter *)self)->mount, 1, sizeof(sluice_mount));
  return SLUICE_OK;
}

/* Writes text as a JSON string, at most 6 bytes for each of its bytes and 2 more. */
static char *put_string(char *at, sluice_span text) {
  *at++ = '"';
  for (size_t i = 0; i < text.len; i++) {
    uint8_t byte = text.data[i];
    if (byte < 0x20) {
      at += sprintf(at, "\\u%04x", byte);
    } else {
      if (byte == '"' || byte == '\\')
        *at++ = '\\';
      *at++ = (char)byte;
    }
  }
  *at++ = '"';
  return at;
}

static sluice_status request(void *self, sluice_rid id, uint32_t tag,
                             const sluice_request *request, const sluice_chunk *body,
                             size_t nbody, void **ctx, sluice_error *err) {
  greeter *g = self;
  sluice_header type = {.name = sluice_text("content-type"),
                        .value = sluice_text("application/json")};
  sluice_chunk piece = {{NULL, 0}, NULL};
  sluice_response answer = {.size = sizeof answer, .status = 200, .headers = {&type, 1},
                            .body = &piece, .nbody = 1};
  sluice_status status;
  char *json = malloc(6 * request->suffix.len + 128);
  char *at = json;
  (void)tag, (void)body, (void)nbody, (void)ctx;
  if (json == NULL)
    return sluice_fail(err, SLUICE_E_NOMEM, sluice_text("no memory for an answer"));
  sluice_cell_add(g->greeted, 1);
  at += sprintf(at, "{\"greeting\":\"%s\",\"name\":", g->greeting);
  at = put_string(at, request->suffix);
  at += sprintf(at, ",\"count\":%llu}\n",
                (unsigned long long)__atomic_load_n(&g->greeted->value, __ATOMIC_RELAXED));
  piece.bytes = sluice_bytes(json, (size_t)(at - json));
  status = g->http->respond(id, &answer, err); /* copies what has no owner */
  free(json);
  return status == SLUICE_E_GONE ? SLUICE_OK : status; /* nobody waits: no fault */
}

static const sluice_service_ops service = {
    .size = sizeof service, .mounts = mounts, .request = request};

static const void *role(void *self, const char *role_id) {
  (void)self;
  return strcmp(role_id, SLUICE_ROLE_SERVICE) == 0 ? &service : NULL;
}

static const sluice_plugin_ops ops = {
    .size = sizeof ops, .create = create, .role = role, .start = start, .destroy = free};

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static sluice_span needs[5];
  static sluice_plugin_desc desc;
  (void)hello, (void)err;
  needs[0] = sluice_text(SLUICE_IF_LOG);
  needs[1] = sluice_text(SLUICE_IF_METRICS);
  needs[2] = sluice_text(SLUICE_IF_HEALTH);
  needs[3] = sluice_text(SLUICE_IF_EXEC);
  needs[4] = sluice_text(SLUICE_IF_HTTP);
  desc.size = sizeof desc;
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text("org.example.greeter-c");
  desc.version = sluice_text("0.1.0");
  desc.summary = sluice_text("Greets by name.");
  desc.config_schema = sluice_text(schema);
  desc.requires_ids = sluice_items(needs, 5, sizeof needs[0]);
  desc.ops = &ops;
  return &desc;
}
