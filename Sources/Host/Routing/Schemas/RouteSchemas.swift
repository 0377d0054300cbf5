/// `docs/schemas/route.json`, written here by `make schemas`.
enum RouteSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/route.json","title":"Route","description":"What happens to HTTP and gRPC requests. R\#
        ules of all routes with one host merge; of several that match, in this order: the most s\#
        pecific host, an exact path, the longest prefix, a method, the most headers, the most qu\#
        ery parameters, the oldest route, the first name, the first rule and match (Gateway API)\#
        . For gRPC: service, then method, then headers. Nothing matches: 404, or UNIMPLEMENTED (\#
        12) for gRPC.","type":"object","required":["listeners","rules"],"properties":{"listeners\#
        ":{"description":"The listeners this route is attached to, by document name.","$ref":"#/\#
        $defs/listenerNames"},"protocol":{"description":"HTTP: matches by path, method, headers \#
        and query. GRPC: matches by service, method and headers, and answers in gRPC statuses.",\#
        "enum":["HTTP","GRPC"],"default":"HTTP"},"hosts":{"description":"The hosts, each narrowe\#
        d to the listener's hostname; one that does not fit it is left out. Absent or empty: the\#
         listener's.","type":"array","items":{"$ref":"#/$defs/hostPattern"},"minItems":0,"maxIte\#
        ms":1024,"default":[]},"order":{"description":"Age and name, for the order among routes.\#
        ","$ref":"#/$defs/order"},"rules":{"description":"The rules; their order breaks the last\#
         tie.","type":"array","items":{"$ref":"#/$defs/rule"},"minItems":0,"maxItems":1024}},"ad\#
        ditionalProperties":false,"allOf":[{"if":{"required":["protocol"],"properties":{"protoco\#
        l":{"const":"GRPC"}}},"then":{"properties":{"rules":{"items":{"properties":{"matches":{"\#
        items":{"properties":{"path":{"not":{"title":"a route with protocol GRPC matches by grpc\#
         and headers"}},"method":{"not":{"title":"a route with protocol GRPC matches by grpc and\#
         headers"}},"query":{"not":{"title":"a route with protocol GRPC matches by grpc and head\#
        ers"}}}}}}}}}},"else":{"properties":{"rules":{"items":{"properties":{"matches":{"items":\#
        {"properties":{"grpc":{"not":{"title":"a match by grpc needs the route's protocol GRPC"}\#
        }}}}}}}}}}],"examples":[{"listeners":["default/web/http"],"rules":[{"backends":[{"pool":\#
        "default/svc/80"}]}]}],"$defs":{"rule":{"description":"Matches and what is done with a r\#
        equest that meets one of them.","type":"object","properties":{"name":{"title":"a text wi\#
        thout control characters","description":"The rule's name, unique in the route; it stands\#
         in access logs, metrics and `explain`.","type":"string","minLength":1,"maxLength":253,"\#
        pattern":"^[^\\x00-\\x1F\\x7F]*$"},"matches":{"description":"A request meets the rule wh\#
        en one of these holds. Absent or empty: every request.","type":"array","items":{"$ref":"\#
        #/$defs/match"},"minItems":0,"maxItems":128,"default":[]},"filters":{"description":"Filt\#
        ers, as listed.","type":"array","items":{"$ref":"#/$defs/filter"},"minItems":0,"maxItems\#
        ":64,"default":[]},"backends":{"description":"Where requests go, shared by weight. Absen\#
        t or empty, and no filter answers: 500.","type":"array","items":{"$ref":"#/$defs/backend\#
        "},"minItems":0,"maxItems":64,"default":[]},"timeouts":{"description":"Time limits. Abse\#
        nt: the host's settings.","$ref":"#/$defs/timeouts"},"retry":{"description":"Retries. Ab\#
        sent: none.","$ref":"#/$defs/retry"},"session":{"description":"Session persistence. Abse\#
        nt: the pool's.","$ref":"#/$defs/session"}},"additionalProperties":false},"match":{"desc\#
        ription":"Conditions that must all hold. An empty match is the path prefix `/`.","type":\#
        "object","properties":{"path":{"description":"The path; protocol HTTP only. Default: the\#
         prefix `/`.","$ref":"#/$defs/pathMatch"},"method":{"description":"The request method, c\#
        ompared with regard to case: HEAD does not match GET. Protocol HTTP only. Default: every\#
         method.","enum":["GET","HEAD","POST","PUT","DELETE","CONNECT","OPTIONS","TRACE","PATCH"\#
        ]},"headers":{"description":"Headers, all of which must match.","type":"array","items":{\#
        "$ref":"#/$defs/headerMatch"},"minItems":0,"maxItems":64,"default":[]},"query":{"descrip\#
        tion":"Query parameters, all of which must match; others have no meaning. Protocol HTTP \#
        only.","type":"array","items":{"$ref":"#/$defs/queryMatch"},"minItems":0,"maxItems":64,"\#
        default":[]},"grpc":{"description":"The gRPC service and method; protocol GRPC only. Def\#
        ault: every call.","$ref":"#/$defs/grpcMatch"}},"additionalProperties":false},"pathMatch\#
        ":{"description":"How the path is matched; exactly one member. This text and the request\#
        's path are compared in their canonical form, as the listener reads paths: escapes of un\#
        reserved characters decoded, the others in upper case, slashes merged, dot segments reso\#
        lved.","type":"object","properties":{"prefix":{"description":"The path starts with these\#
         whole segments; a trailing slash has no meaning: `/v2` matches `/v2`, `/v2/` and `/v2/x\#
        `, not `/v2x`.","$ref":"#/$defs/literalPath"},"exact":{"description":"The path is this, \#
        byte for byte when both are canonical.","$ref":"#/$defs/literalPath"},"regex":{"descript\#
        ion":"The path matches this expression.","$ref":"#/$defs/regex"}},"additionalProperties"\#
        :false,"minProperties":1,"maxProperties":1},"headerMatch":{"description":"One header tha\#
        t the request must carry. Of several matches with one name only the first counts.","type\#
        ":"object","required":["name"],"properties":{"name":{"description":"The header's name, w\#
        ithout regard to case.","$ref":"#/$defs/token"},"exact":{"description":"The value is thi\#
        s, byte for byte.","$ref":"#/$defs/fieldValue"},"regex":{"description":"The value matche\#
        s this expression.","$ref":"#/$defs/regex"}},"additionalProperties":false,"oneOf":[{"req\#
        uired":["exact"]},{"required":["regex"]}]},"queryMatch":{"description":"One query parame\#
        ter that the request must carry. Of several matches with one name only the first counts.\#
        ","type":"object","required":["name"],"properties":{"name":{"description":"The parameter\#
        's name after percent-decoding, with regard to case.","type":"string","minLength":1,"max\#
        Length":256},"exact":{"description":"The value after percent-decoding is this, byte for \#
        byte.","type":"string","maxLength":1024},"regex":{"description":"The value after percent\#
        -decoding matches this expression.","$ref":"#/$defs/regex"}},"additionalProperties":fals\#
        e,"oneOf":[{"required":["exact"]},{"required":["regex"]}]},"grpcMatch":{"description":"T\#
        he gRPC call that is matched: the request path `/service/method`. An empty object matche\#
        s every call.","type":"object","properties":{"service":{"description":"How the service i\#
        s matched; exactly one member.","type":"object","properties":{"exact":{"title":"a gRPC s\#
        ervice such as package.Service","description":"The service's name, with regard to case."\#
        ,"type":"string","minLength":1,"maxLength":1024,"pattern":"^\\.?[A-Za-z_][A-Za-z_0-9]*(\\#
        \.[A-Za-z_][A-Za-z_0-9]*)*$"},"regex":{"description":"The service's name matches this ex\#
        pression.","$ref":"#/$defs/regex"}},"additionalProperties":false,"minProperties":1,"maxP\#
        roperties":1},"method":{"description":"How the method is matched; exactly one member.","\#
        type":"object","properties":{"exact":{"title":"a gRPC method name","description":"The me\#
        thod's name, with regard to case.","type":"string","minLength":1,"maxLength":1024,"patte\#
        rn":"^[A-Za-z_][A-Za-z_0-9]*$"},"regex":{"description":"The method's name matches this e\#
        xpression.","$ref":"#/$defs/regex"}},"additionalProperties":false,"minProperties":1,"max\#
        Properties":1}},"additionalProperties":false},"filter":{"description":"One step on the w\#
        ay of a request or its answer: exactly one kind of filter. Steps of requests run as list\#
        ed, those of answers in reverse. Names of headers that frame a message (Content-Length, \#
        Transfer-Encoding, Connection, Upgrade, TE, Trailer) belong to the host.","type":"object\#
        ","properties":{"setHeaders":{"description":"Request headers that are created or overwri\#
        tten.","type":"object","minProperties":1,"maxProperties":64,"patternProperties":{"^[-!#$\#
        %&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/fieldValue"}},"additionalProperties":false},"a\#
        ddHeaders":{"description":"Request headers that are appended to what is there.","type":"\#
        object","minProperties":1,"maxProperties":64,"patternProperties":{"^[-!#$%&'*+.^_`|~0-9A\#
        -Za-z]+$":{"$ref":"#/$defs/fieldValue"}},"additionalProperties":false},"removeHeaders":{\#
        "description":"Request headers that are taken away.","type":"array","items":{"$ref":"#/$\#
        defs/token"},"minItems":1,"maxItems":64},"setResponseHeaders":{"description":"Response h\#
        eaders that are created or overwritten.","type":"object","minProperties":1,"maxPropertie\#
        s":64,"patternProperties":{"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/fieldValue"}\#
        },"additionalProperties":false},"addResponseHeaders":{"description":"Response headers th\#
        at are appended to what is there.","type":"object","minProperties":1,"maxProperties":64,\#
        "patternProperties":{"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/fieldValue"}},"add\#
        itionalProperties":false},"removeResponseHeaders":{"description":"Response headers that \#
        are taken away.","type":"array","items":{"$ref":"#/$defs/token"},"minItems":1,"maxItems"\#
        :64},"rewrite":{"description":"Change the request's host or path before it goes upstream\#
        .","type":"object","properties":{"host":{"description":"The new Host (or :authority).","\#
        $ref":"#/$defs/hostname"},"path":{"description":"The new path.","$ref":"#/$defs/pathChan\#
        ge"}},"additionalProperties":false,"minProperties":1},"redirect":{"description":"Answer \#
        with a redirect; the backends are not asked. An empty object redirects to the same place\#
        .","type":"object","properties":{"scheme":{"description":"The Location's scheme. Default\#
        : the request's.","enum":["http","https"]},"host":{"description":"The Location's host. D\#
        efault: the request's.","$ref":"#/$defs/hostname"},"port":{"description":"The Location's\#
         port. Default: that of scheme where one is given, else the listener's publicPort. 80 un\#
        der http and 443 under https are left out.","type":"integer","minimum":1,"maximum":65535\#
        },"path":{"description":"The Location's path. Default: the request's.","$ref":"#/$defs/p\#
        athChange"},"status":{"description":"The status of the answer.","enum":[301,302,303,307,\#
        308],"default":302}},"additionalProperties":false},"mirror":{"description":"Send a copy \#
        of the request, as it is after all of the rule's filters, to another pool and drop the a\#
        nswer. The copy is dropped rather than slow the request. Several are allowed; each is dr\#
        awn for itself.","type":"object","required":["pool"],"properties":{"pool":{"description"\#
        :"The pool that receives the copy, by document name.","$ref":"#/$defs/name"},"percent":{\#
        "description":"The share of requests copied, in percent. Default: 100.","type":"integer"\#
        ,"minimum":0,"maximum":100},"fraction":{"description":"The share of requests copied, as \#
        a fraction of at most 1.","type":"object","required":["numerator"],"properties":{"numera\#
        tor":{"description":"The upper number; not above denominator.","type":"integer","minimum\#
        ":0,"maximum":2147483647},"denominator":{"description":"The lower number.","type":"integ\#
        er","minimum":1,"maximum":2147483647,"default":100}},"additionalProperties":false}},"add\#
        itionalProperties":false,"allOf":[{"not":{"title":"expected percent or fraction, not bot\#
        h","required":["percent","fraction"]}}]},"cors":{"description":"Cross-origin resource sh\#
        aring.","$ref":"#/$defs/cors"},"externalAuth":{"description":"Ask another server before \#
        the request goes on.","$ref":"#/$defs/externalAuth"},"plugin":{"description":"The name o\#
        f a plugin instance with the filter role.","$ref":"#/$defs/name"},"config":{"description\#
        ":"The plugin's configuration for this place, checked by the plugin against its own sche\#
        ma; only beside plugin. Default: {}.","type":"object","default":{}}},"additionalProperti\#
        es":false,"oneOf":[{"required":["setHeaders"]},{"required":["addHeaders"]},{"required":[\#
        "removeHeaders"]},{"required":["setResponseHeaders"]},{"required":["addResponseHeaders"]\#
        },{"required":["removeResponseHeaders"]},{"required":["rewrite"]},{"required":["redirect\#
        "]},{"required":["mirror"]},{"required":["cors"]},{"required":["externalAuth"]},{"requir\#
        ed":["plugin"]}],"allOf":[{"if":{"required":["config"]},"then":{"required":["plugin"]}}]\#
        },"pathChange":{"description":"The new path; exactly one member. The query stays.","type\#
        ":"object","properties":{"full":{"title":"a path from /, percent-encoded, without query \#
        and fragment","description":"The whole path is replaced by this.","type":"string","maxLe\#
        ngth":1024,"pattern":"^/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~!$&\#
        '()*+,;=:@]*)*$"},"prefix":{"title":"a path from /, percent-encoded, without query and f\#
        ragment, or an empty text","description":"The prefix that matched is replaced by this, w\#
        ithout doubling or losing a slash: `/foo/bar` under the prefix `/foo` becomes `/xyz/bar`\#
        , and with an empty text `/bar`. Every match of the rule must be by prefix.","type":"str\#
        ing","maxLength":1024,"pattern":"^(/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za\#
        -z0-9/._~!$&'()*+,;=:@]*)*)?$"}},"additionalProperties":false,"minProperties":1,"maxProp\#
        erties":1},"cors":{"description":"Cross-origin resource sharing: the host answers prefli\#
        ght requests itself (204) and adds Access-Control-* to the others; an origin that is not\#
         allowed gets none of them.","type":"object","required":["allowOrigins"],"properties":{"\#
        allowOrigins":{"description":"Origins that may read the answer: scheme, host and port; `\#
        *` in the host stands for any characters, labels included; `*` alone is every origin.","\#
        type":"array","items":{"title":"an origin such as https://a.test:8443, or *","type":"str\#
        ing","minLength":1,"maxLength":253,"pattern":"^(\\*|[A-Za-z][-A-Za-z0-9+.]*://[^:/?# ]+(\#
        :[0-9]{1,5})?)$"},"minItems":1,"maxItems":64,"allOf":[{"if":{"minItems":2},"then":{"item\#
        s":{"not":{"title":"\"*\" stands alone or not at all","const":"*"}}}}]},"allowMethods":{\#
        "description":"Methods that may be used; `*` alone is every method. Default: GET, HEAD a\#
        nd POST, which need no permission.","type":"array","items":{"enum":["GET","HEAD","POST",\#
        "PUT","DELETE","CONNECT","OPTIONS","TRACE","PATCH","*"]},"minItems":1,"maxItems":16,"all\#
        Of":[{"if":{"minItems":2},"then":{"items":{"not":{"title":"\"*\" stands alone or not at \#
        all","const":"*"}}}}]},"allowHeaders":{"description":"Request headers that may be sent; \#
        `*` alone is every header. Default: only those that need no permission.","type":"array",\#
        "items":{"$ref":"#/$defs/token"},"minItems":1,"maxItems":64,"allOf":[{"if":{"minItems":2\#
        },"then":{"items":{"not":{"title":"\"*\" stands alone or not at all","const":"*"}}}}]},"\#
        exposeHeaders":{"description":"Response headers that scripts may read; `*` alone is ever\#
        y header. They stand in preflight and other answers.","type":"array","items":{"$ref":"#/\#
        $defs/token"},"minItems":1,"maxItems":64,"allOf":[{"if":{"minItems":2},"then":{"items":{\#
        "not":{"title":"\"*\" stands alone or not at all","const":"*"}}}}]},"allowCredentials":{\#
        "description":"Whether requests may carry credentials. When true, origin, methods and he\#
        aders are echoed and never `*`; when false, the header is left out.","type":"boolean","d\#
        efault":false},"maxAge":{"description":"Seconds that a preflight answer may be kept.","t\#
        ype":"integer","minimum":1,"maximum":2147483647,"default":5}},"additionalProperties":fal\#
        se},"externalAuth":{"description":"Ask another server before the request goes on. The ho\#
        st sends it Host, method, path, Content-Length and Authorization always. No answer, or a\#
        n error: the request is refused.","type":"object","required":["protocol","pool"],"proper\#
        ties":{"protocol":{"description":"GRPC: Envoy's ext_authz Check. HTTP: a request like th\#
        e one at hand; 200 lets it pass, another answer goes downstream as it is.","enum":["GRPC\#
        ","HTTP"]},"pool":{"description":"The pool of the authorisation server, by document name\#
        .","$ref":"#/$defs/name"},"path":{"title":"a path from /, percent-encoded, without query\#
         and fragment, or an empty text","description":"HTTP: a prefix put before the request's \#
        path.","type":"string","maxLength":1024,"pattern":"^(/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0\#
        -9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()*+,;=:@]*)*)?$","default":""},"allowedHeaders":{"descri\#
        ption":"Request headers sent beyond those always sent. Default: none for HTTP, all for G\#
        RPC.","type":"array","items":{"$ref":"#/$defs/token"},"minItems":1,"maxItems":64},"allow\#
        edResponseHeaders":{"description":"HTTP: headers of a permitting answer that are set on \#
        the request before it goes on. Default: none.","type":"array","items":{"$ref":"#/$defs/t\#
        oken"},"minItems":1,"maxItems":64},"forwardBody":{"description":"Send the request's body\#
         too. Absent: without its body.","type":"object","required":["maxSize"],"properties":{"m\#
        axSize":{"description":"Bytes of the body at most; a longer body is answered 413. 0: no \#
        body is sent.","type":"integer","minimum":0,"maximum":65535}},"additionalProperties":fal\#
        se},"timeout":{"description":"The time the authorisation server has. Default: 5s.","$ref\#
        ":"#/$defs/duration","default":"5s"}},"additionalProperties":false,"allOf":[{"if":{"requ\#
        ired":["protocol"],"properties":{"protocol":{"const":"GRPC"}}},"then":{"properties":{"pa\#
        th":{"not":{"title":"the protocol is GRPC"}},"allowedResponseHeaders":{"not":{"title":"t\#
        he protocol is GRPC"}}}}}]},"backend":{"description":"Where a share of the requests goes\#
        : exactly one of pool, plugin and status.","type":"object","properties":{"pool":{"descri\#
        ption":"A `pool` document of the same instance, by name.","$ref":"#/$defs/name"},"plugin\#
        ":{"description":"A plugin instance with the service role; it sees the path after rewrit\#
        ing, and answers 404 where no mount matches.","$ref":"#/$defs/name"},"status":{"descript\#
        ion":"Answer with this status at once: how a source says that a reference is invalid (50\#
        0) or not permitted. On protocol GRPC, 500 and 503 become UNAVAILABLE (14).","type":"int\#
        eger","minimum":200,"maximum":599},"weight":{"description":"The share of requests, relat\#
        ive to the sum over the rule's backends. 0: none; all 0: every request is answered 500."\#
        ,"type":"integer","minimum":0,"maximum":1000000,"default":1},"filters":{"description":"F\#
        ilters for requests that go to this backend alone, after the rule's (HTTPRouteBackendReq\#
        uestHeaderModification, HTTPRouteBackendURLRewrite, HTTPRouteBackendRequestRedirect).","\#
        type":"array","items":{"$ref":"#/$defs/filter"},"minItems":0,"maxItems":64,"default":[]}\#
        },"additionalProperties":false,"oneOf":[{"required":["pool"]},{"required":["plugin"]},{"\#
        required":["status"]}]},"timeouts":{"description":"Time limits of the rule.","type":"obj\#
        ect","properties":{"request":{"description":"From the last byte of the request's head to\#
         the last byte of the answer, retries included; beyond: 504. `0s`: none. Default: the ho\#
        st's setting.","$ref":"#/$defs/duration"},"backend":{"description":"One try at a backend\#
        ; beyond: 504, or another try. Not above request, unless that is 0s. `0s`: none. Default\#
        : as request.","$ref":"#/$defs/duration"}},"additionalProperties":false},"retry":{"descr\#
        iption":"When and how often a request is tried again. A body is kept for it up to 64 KiB\#
        ; with a longer one there is no retry. The pool's retryBudget bounds all of it. An empty\#
         object means none.","type":"object","properties":{"attempts":{"description":"Further tr\#
        ies after the first. With 1 or more, failed connections and expired backend timeouts are\#
         tried again too. 0: none.","type":"integer","minimum":0,"maximum":100,"default":0},"cod\#
        es":{"description":"Statuses of an upstream's answer that are tried again; each once.","\#
        type":"array","items":{"type":"integer","minimum":400,"maximum":599},"minItems":0,"maxIt\#
        ems":64,"default":[]},"backoff":{"description":"The least time before a try; it grows wi\#
        th each and is spread at random. Default: 25ms.","$ref":"#/$defs/duration","default":"25\#
        ms"}},"additionalProperties":false,"allOf":[{"if":{"anyOf":[{"required":["codes"]},{"req\#
        uired":["backoff"]}]},"then":{"required":["attempts"]}}]},"session":{"description":"Sess\#
        ion persistence: requests of one session go to one endpoint while it is ready (GEP-1619)\#
        . An empty object means none. A rule's setting wins over its pool's.","type":"object","p\#
        roperties":{"cookie":{"description":"Keep the session in a cookie that the host sets and\#
         reads.","type":"object","properties":{"name":{"description":"The cookie's name. Default\#
        : a stable name derived from the route's rule or the pool.","$ref":"#/$defs/token"},"pat\#
        h":{"title":"a path from /, without control characters and ;","description":"The cookie'\#
        s Path attribute.","type":"string","default":"/","maxLength":1024,"pattern":"^/[^\\x00-\\#
        \x1F\\x7F;]*$"},"lifetimeType":{"description":"`Session`: the browser drops the cookie w\#
        hen it closes. `Permanent`: it keeps it for absoluteTimeout.","enum":["Session","Permane\#
        nt"],"default":"Session"}},"additionalProperties":false},"header":{"description":"Keep t\#
        he session in a header that the host sets in the response and the downstream repeats.","\#
        type":"object","required":["name"],"properties":{"name":{"description":"The header's nam\#
        e.","$ref":"#/$defs/token"}},"additionalProperties":false},"absoluteTimeout":{"descripti\#
        on":"How long a session lasts from its first request, used or not. Absent or `0s`: for e\#
        ver.","$ref":"#/$defs/duration"}},"additionalProperties":false,"allOf":[{"not":{"title":\#
        "expected a cookie or a header, not both","required":["cookie","header"]}},{"if":{"requi\#
        red":["absoluteTimeout"]},"then":{"anyOf":[{"required":["cookie"]},{"required":["header"\#
        ]}]}},{"if":{"required":["cookie"],"properties":{"cookie":{"required":["lifetimeType"],"\#
        properties":{"lifetimeType":{"const":"Permanent"}}}}},"then":{"required":["absoluteTimeo\#
        ut"]}}]},"listenerNames":{"description":"The listeners this route is attached to, by doc\#
        ument name; the same instance must have put them. A name that is unknown at commit is re\#
        ported and the route serves on the others.","type":"array","items":{"$ref":"#/$defs/name\#
        "},"minItems":1,"maxItems":256},"order":{"description":"The age and name that break ties\#
         between equal documents: the older wins, then the name that sorts first in bytes. Absen\#
        t: younger than everything that has an order, then by document name.","type":"object","p\#
        roperties":{"created":{"title":"a time such as 2026-01-01T00:00:00Z","description":"When\#
         the object was created, RFC 3339 with a time zone; for files the creationTimestamp they\#
         state, never the file's own time.","type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{\#
        2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})$","maxLength":40}\#
        ,"name":{"description":"The object's name for the tie-break, usually `namespace/name`. D\#
        efault: the document's name.","$ref":"#/$defs/name"}},"additionalProperties":false},"lit\#
        eralPath":{"title":"a path from /, percent-encoded, without query and fragment","descrip\#
        tion":"An absolute path as it is matched: from `/`, percent-encoded, without query, frag\#
        ment or dot segments.","type":"string","minLength":1,"maxLength":1024,"pattern":"^/[-A-Z\#
        a-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()*+,;=:@]*)*$","not":{"titl\#
        e":"write the path that the dot segments lead to","pattern":"/\\.\\.?(/|$)"}},"regex":{"\#
        description":"A PCRE2 expression in UTF-8, not anchored: write `^` and `$` for a whole m\#
        atch. It is compiled at commit; the host's match and depth limits bound its cost.","type\#
        ":"string","minLength":1,"maxLength":1024},"token":{"title":"a name without spaces, sepa\#
        rators and control characters","description":"An HTTP field name, cookie name or other R\#
        FC 9110 token; field names are compared without regard to case.","type":"string","minLen\#
        gth":1,"maxLength":256,"pattern":"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$"},"fieldValue":{"title":\#
        "a field value without control characters","description":"An HTTP field value of up to 4\#
        096 bytes without control characters other than the tab (RFC 9110 section 5.5).","type":\#
        "string","maxLength":4096,"pattern":"^[^\\x00-\\x08\\x0A-\\x1F\\x7F]*$"},"hostPattern":{\#
        "title":"a DNS name in lower case, or *. and a DNS name","description":"A DNS name in lo\#
        wer case, or `*.` and a DNS name: the wildcard stands for one or more whole labels and n\#
        ever for the bare domain (Gateway API Hostname).","type":"string","minLength":1,"maxLeng\#
        th":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,\#
        61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 address","pattern":"^\#
        [0-9]+(\\.[0-9]+){3}$"}},"hostname":{"title":"a DNS name in lower case","description":"A\#
         DNS name in lower case without a trailing dot, labels of up to 63 characters; never an \#
        IP address (Gateway API Hostname).","type":"string","minLength":1,"maxLength":253,"patte\#
        rn":"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not"\#
        :{"title":"expected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.[0-9]+){3}$"}\#
        },"duration":{"title":"a duration such as 10s, 500ms or 1h30m","description":"A Gateway \#
        API duration: one to four numbers, each of up to five digits and a unit of h, m, s or ms\#
        ; `1h30m`, `10s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4\#
        }$","maxLength":28},"name":{"title":"a text without control characters","description":"T\#
        he name of a document: free text without control characters, unique within the plugin in\#
        stance and the kind.","type":"string","minLength":1,"maxLength":1024,"pattern":"^[^\\x00\#
        -\\x1F\\x7F]*$"}}}
        """#
}

/// `docs/schemas/l4route.json`, written here by `make schemas`.
enum L4RouteSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/l4route.json","title":"L4 route","description":"What happens to TLS connections, TCP\#
         connections and UDP datagrams. Whether TLS ends here or passes through is the listener'\#
        s tls.mode. Of several TLS routes the one with the most specific host serves; of several\#
         TCP or UDP routes on one listener the oldest. Nothing matches: the connection is closed\#
         by FIN or RST, the datagram dropped.","type":"object","required":["listeners","protocol\#
        ","backends"],"properties":{"listeners":{"description":"The listeners this route is atta\#
        ched to, by document name; each must speak protocol.","$ref":"#/$defs/listenerNames"},"p\#
        rotocol":{"description":"What the listeners speak.","enum":["TLS","TCP","UDP"]},"hosts":\#
        {"description":"TLS: the names of the SNI, each narrowed to the listener's hostname. Abs\#
        ent or empty: the listener's.","type":"array","items":{"$ref":"#/$defs/hostPattern"},"mi\#
        nItems":0,"maxItems":1024,"default":[]},"order":{"description":"Age and name, for the or\#
        der among routes.","$ref":"#/$defs/order"},"rule":{"title":"a text without control chara\#
        cters","description":"The rule's name, for logs, metrics and `explain`.","type":"string"\#
        ,"minLength":1,"maxLength":253,"pattern":"^[^\\x00-\\x1F\\x7F]*$"},"backends":{"descript\#
        ion":"Where connections go, shared by weight; of UDP, all datagrams of one downstream ad\#
        dress and port within the idle timeout. Empty: each is closed or dropped.","type":"array\#
        ","items":{"$ref":"#/$defs/backend"},"minItems":0,"maxItems":64},"timeouts":{"descriptio\#
        n":"Time limits.","type":"object","properties":{"idle":{"description":"The time without \#
        a byte either way until the connection is closed or the UDP association forgotten. `0s`:\#
         none, refused for UDP. Default: 0s; UDP: 60s.","$ref":"#/$defs/duration"}},"additionalP\#
        roperties":false}},"additionalProperties":false,"allOf":[{"if":{"required":["protocol"],\#
        "properties":{"protocol":{"const":"TLS"}}},"else":{"properties":{"hosts":{"not":{"title"\#
        :"TCP and UDP carry no hostname"}}}}},{"if":{"required":["protocol"],"properties":{"prot\#
        ocol":{"const":"UDP"}}},"then":{"properties":{"timeouts":{"properties":{"idle":{"not":{"\#
        title":"UDP ends by its idle timeout alone; expected more than 0s","pattern":"^(0+(h|m|s\#
        |ms))+$"}}}}}}}],"examples":[{"listeners":["default/web/tls"],"protocol":"TLS","hosts":[\#
        "db.a.test"],"backends":[{"pool":"default/db/5432"}]}],"$defs":{"backend":{"description"\#
        :"Where a share of the connections or datagrams goes: exactly one of pool and reject.","\#
        type":"object","properties":{"pool":{"description":"A `pool` document of the same instan\#
        ce, by name. Its endpoints are used as they are; its tls applies to TCP and to TLS that \#
        ends here.","$ref":"#/$defs/name"},"reject":{"description":"Close the connection at once\#
        , with FIN or RST and never a TLS alert, or drop the datagram: how a source says that a \#
        reference is invalid.","const":true},"weight":{"description":"The share of connections, \#
        relative to the sum over the backends. 0: none; all 0: every connection is closed.","typ\#
        e":"integer","minimum":0,"maximum":1000000,"default":1}},"additionalProperties":false,"o\#
        neOf":[{"required":["pool"]},{"required":["reject"]}]},"listenerNames":{"description":"T\#
        he listeners this route is attached to, by document name; the same instance must have pu\#
        t them. A name that is unknown at commit is reported and the route serves on the others.\#
        ","type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":256},"order":{"\#
        description":"The age and name that break ties between equal documents: the older wins, \#
        then the name that sorts first in bytes. Absent: younger than everything that has an ord\#
        er, then by document name.","type":"object","properties":{"created":{"title":"a time suc\#
        h as 2026-01-01T00:00:00Z","description":"When the object was created, RFC 3339 with a t\#
        ime zone; for files the creationTimestamp they state, never the file's own time.","type"\#
        :"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9\#
        })?(Z|[-+][0-9]{2}:[0-9]{2})$","maxLength":40},"name":{"description":"The object's name \#
        for the tie-break, usually `namespace/name`. Default: the document's name.","$ref":"#/$d\#
        efs/name"}},"additionalProperties":false},"hostPattern":{"title":"a DNS name in lower ca\#
        se, or *. and a DNS name","description":"A DNS name in lower case, or `*.` and a DNS nam\#
        e: the wildcard stands for one or more whole labels and never for the bare domain (Gatew\#
        ay API Hostname).","type":"string","minLength":1,"maxLength":253,"pattern":"^(\\*\\.)?[a\#
        -z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title\#
        ":"expected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"durat\#
        ion":{"title":"a duration such as 10s, 500ms or 1h30m","description":"A Gateway API dura\#
        tion: one to four numbers, each of up to five digits and a unit of h, m, s or ms; `1h30m\#
        `, `10s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","max\#
        Length":28},"name":{"title":"a text without control characters","description":"The name \#
        of a document: free text without control characters, unique within the plugin instance a\#
        nd the kind.","type":"string","minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\\#
        x7F]*$"}}}
        """#
}
