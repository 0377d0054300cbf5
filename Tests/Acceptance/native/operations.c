/* An instance with operations of every type and manner, and with one wrong declaration where its
 * configuration asks for it: {"wrong":"signature"}. */
#define _GNU_SOURCE
#include "sluice.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY_BYTES (2u << 20)
#define DEEP 64

static const sluice_reply_api *out;
static char go[512];

static sluice_span text(const char *word) { return sluice_text(word); }

static int is(sluice_span span, const char *word) {
  return span.len == strlen(word) && memcmp(span.data, word, span.len) == 0;
}

static sluice_status every(void *self, int32_t b, int32_t i, uint32_t u, int64_t wide,
                           uint64_t unsigned_wide, double d, sluice_span s, sluice_reply *r) {
  char digits[32];
  (void)self;
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)unsigned_wide);
  out->boolean(r, text("b"), b);
  out->integer(r, text("i"), i);
  out->integer(r, text("u"), u);
  out->integer(r, text("I"), wide);
  out->json(r, text("U"), text(digits));
  out->number(r, text("d"), d);
  if (s.data)
    out->text(r, text("s"), s);
  return SLUICE_OK;
}

static sluice_status where(void *self, sluice_reply *r) {
  char name[32] = {0};
  (void)self;
  pthread_getname_np(pthread_self(), name, sizeof name);
  out->text(r, text("thread"), text(name));
  return SLUICE_PENDING;
}

static sluice_status answer(void *self, int32_t status, sluice_span why, sluice_reply *r) {
  (void)self;
  if (why.data)
    out->fail(r, why);
  return status;
}

static sluice_status nothing(void *self) {
  (void)self;
  return SLUICE_OK;
}

static sluice_status hang(void *self, sluice_reply *r) {
  (void)self;
  while (access(go, F_OK) != 0)
    usleep(1000);
  out->text(r, text("late"), text("dropped"));
  return SLUICE_OK;
}

static sluice_status nested(void *self, sluice_reply *r) {
  sluice_span none = {NULL, 0};
  (void)self;
  out->push(r, text("list"), 1);
  out->integer(r, none, 1);
  out->push(r, none, 0);
  out->text(r, text("a \"key\""), text("a\nvalue \xff"));
  out->pop(r);
  out->json(r, none, text(" {\"b\" : [1, 2.50, null] } "));
  out->number(r, none, (double)NAN);
  out->number(r, none, (double)INFINITY);
  out->pop(r);
  out->text(r, text(""), text(""));
  return SLUICE_OK;
}

static void *write_elsewhere(void *reply) {
  out->text(reply, text("stray"), text("no"));
  return NULL;
}

static sluice_status misuse(void *self, sluice_span how, sluice_reply *r) {
  sluice_span none = {NULL, 0};
  (void)self;
  out->text(r, text("before"), text("yes"));
  if (is(how, "pop"))
    out->pop(r);
  if (is(how, "push"))
    out->push(r, text("open"), 0);
  if (is(how, "json"))
    out->json(r, text("j"), text("{\"a\":"));
  if (is(how, "twice"))
    out->text(r, text("before"), text("again"));
  if (is(how, "keyless"))
    out->integer(r, none, 1);
  if (is(how, "keyed")) {
    out->push(r, text("list"), 1);
    out->integer(r, text("key"), 1);
    out->pop(r);
  }
  if (is(how, "deep"))
    for (int k = 0; k < DEEP; k++)
      out->push(r, text("d"), 0);
  if (is(how, "long")) {
    uint8_t *many = malloc(MANY_BYTES);
    memset(many, 'm', MANY_BYTES);
    out->text(r, text("many"), sluice_bytes(many, MANY_BYTES));
    free(many);
  }
  if (is(how, "huge"))
    out->text(r, text("huge"), sluice_bytes("", SIZE_MAX));
  if (is(how, "thread")) {
    pthread_t other;
    pthread_create(&other, NULL, write_elsewhere, r);
    pthread_join(other, NULL);
  }
  out->text(r, text("after"), text("yes"));
  return SLUICE_OK;
}

#define FN(F) (sluice_fn)F
#define NAMED(N) {sizeof(sluice_param), 0, {(const uint8_t *)N, sizeof N - 1}, {NULL, 0}, {NULL, 0}}
#define SPAN(T) {(const uint8_t *)T, sizeof T - 1}

static sluice_param every_params[] = {
    NAMED("b"), NAMED("i"), NAMED("u"), NAMED("I"), NAMED("U"), NAMED("d"),
    {sizeof(sluice_param), 1, SPAN("s"), SPAN("A text."), {NULL, 0}}};
static sluice_param answer_params[] = {
    {sizeof(sluice_param), 0, SPAN("status"), SPAN("What to answer."), {NULL, 0}},
    {sizeof(sluice_param), 1, SPAN("why"), SPAN("What to say."), SPAN("\"no reason\"")}};
static sluice_param misuse_params[] = {NAMED("how")};

enum { EVERY, WRITE, WHERE, POOL, ANSWER, NOTHING, HANG, NESTED, MISUSE, OPERATIONS };

static sluice_op ops[OPERATIONS];

static void declare(int place, int32_t access, const char *name, const char *signature,
                    sluice_param *params, uint32_t nparams, sluice_fn fn, uint32_t flags) {
  ops[place] = (sluice_op){.size = sizeof(sluice_op),
                           .access = access,
                           .name = sluice_text(name),
                           .doc = sluice_text("What it does."),
                           .signature = signature,
                           .params = sluice_items(params, nparams, sizeof(sluice_param)),
                           .fn = fn,
                           .flags = flags};
}

static void declare_all(void) {
  declare(EVERY, SLUICE_OP_READ, "every", "i(biuIUdsJ)", every_params, 7, FN(every), 0);
  declare(WRITE, SLUICE_OP_WRITE, "write", "i(biuIUdsJ)", every_params, 7, FN(every), 0);
  declare(WHERE, SLUICE_OP_READ, "where", "i(J)", NULL, 0, FN(where), 0);
  declare(POOL, SLUICE_OP_WRITE, "pool", "i(J)", NULL, 0, FN(where), SLUICE_OPERATION_POOL);
  declare(ANSWER, SLUICE_OP_WRITE, "answer", "i(isJ)", answer_params, 2, FN(answer), 0);
  declare(NOTHING, SLUICE_OP_WRITE, "nothing", "i()", NULL, 0, FN(nothing), 0);
  declare(HANG, SLUICE_OP_READ, "hang", "i(J)", NULL, 0, FN(hang), 0);
  declare(NESTED, SLUICE_OP_READ, "nested", "i(J)", NULL, 0, FN(nested), 0);
  declare(MISUSE, SLUICE_OP_READ, "misuse", "i(sJ)", misuse_params, 1, FN(misuse), 0);
}

static void spoil(const char *what) {
  if (strcmp(what, "signature") == 0)
    ops[EVERY].signature = "i(bxJ)";
  if (strcmp(what, "reply") == 0)
    ops[EVERY].signature = "i(Jb)";
  if (strcmp(what, "result") == 0)
    ops[EVERY].signature = "v(b)";
  if (strcmp(what, "none") == 0)
    ops[EVERY].signature = NULL;
  if (strcmp(what, "params") == 0)
    ops[EVERY].params.count = 6;
  if (strcmp(what, "name") == 0)
    ops[EVERY].name = sluice_text("a b");
  if (strcmp(what, "twice") == 0)
    ops[WRITE].name = sluice_text("every");
  if (strcmp(what, "parameter") == 0)
    every_params[1].name = sluice_text("b");
  if (strcmp(what, "fallback") == 0)
    answer_params[1].fallback = sluice_text("7");
  if (strcmp(what, "required") == 0)
    answer_params[1].optional = 0;
  if (strcmp(what, "access") == 0)
    ops[EVERY].access = 2;
  if (strcmp(what, "flags") == 0)
    ops[EVERY].flags = 4;
  if (strcmp(what, "function") == 0)
    ops[EVERY].fn = NULL;
}

static sluice_status operations(void *self, sluice_list *list) {
  (void)self;
  *list = sluice_items(ops, OPERATIONS, sizeof ops[0]);
  return SLUICE_OK;
}

static sluice_status dump(void *self, sluice_reply *r) {
  (void)self;
  out->text(r, text("mood"), text("good"));
  return SLUICE_OK;
}

static void member(const sluice_instance *inst, const char *key, char *value, const char *form) {
  char json[2048] = {0};
  const char *found;
  memcpy(json, inst->config.data,
         inst->config.len < sizeof json ? inst->config.len : sizeof json - 1);
  found = strstr(json, key);
  if (found)
    sscanf(found + strlen(key), form, value);
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **self,
                            sluice_error *err) {
  char wrong[64] = {0};
  (void)err;
  out = host->find(host, SLUICE_IF_REPLY);
  member(inst, "\"go\":\"", go, "%511[^\"]");
  member(inst, "\"wrong\":\"", wrong, "%63[^\"]");
  declare_all();
  spoil(wrong);
  *self = ops;
  return SLUICE_OK;
}

static const void *role(void *self, const char *id) {
  static const sluice_admin_ops admin = {
      .size = sizeof admin, .operations = operations, .dump = dump};
  (void)self;
  return strcmp(id, SLUICE_ROLE_ADMIN) == 0 ? &admin : NULL;
}

static void destroy(void *self) { (void)self; }

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops plugin = {
      .size = sizeof plugin, .create = create, .role = role, .destroy = destroy};
  static sluice_span needs[1];
  static sluice_plugin_desc description;
  (void)hello;
  (void)err;
  needs[0] = sluice_text(SLUICE_IF_REPLY);
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.operations");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Offers operations.");
  description.config_schema =
      sluice_text("{\"type\":\"object\",\"properties\":{\"wrong\":{\"type\":\"string\"},"
                  "\"go\":{\"type\":\"string\"}}}");
  description.requires_ids = sluice_items(needs, 1, sizeof needs[0]);
  description.ops = &plugin;
  return &description;
}
