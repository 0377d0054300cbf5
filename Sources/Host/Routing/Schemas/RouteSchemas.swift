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
        ":{"description":"How the path is matched; exactly one member. Dot segments are resolved\#
         before; percent-encoding is compared as sent.","type":"object","properties":{"prefix":{\#
        "description":"The path starts with these whole segments; a trailing slash has no meanin\#
        g: `/v2` matches `/v2`, `/v2/` and `/v2/x`, not `/v2x`.","$ref":"#/$defs/literalPath"},"\#
        exact":{"description":"The path is this, byte for byte.","$ref":"#/$defs/literalPath"},"\#
        regex":{"description":"The path matches this expression.","$ref":"#/$defs/regex"}},"addi\#
        tionalProperties":false,"minProperties":1,"maxProperties":1},"headerMatch":{"description\#
        ":"One header that the request must carry. Of several matches with one name only the fir\#
        st counts.","type":"object","required":["name"],"properties":{"name":{"description":"The\#
         header's name, without regard to case.","$ref":"#/$defs/token"},"exact":{"description":\#
        "The value is this, byte for byte.","$ref":"#/$defs/fieldValue"},"regex":{"description":\#
        "The value matches this expression.","$ref":"#/$defs/regex"}},"additionalProperties":fal\#
        se,"oneOf":[{"required":["exact"]},{"required":["regex"]}]},"queryMatch":{"description":\#
        "One query parameter that the request must carry. Of several matches with one name only \#
        the first counts.","type":"object","required":["name"],"properties":{"name":{"descriptio\#
        n":"The parameter's name after percent-decoding, with regard to case.","type":"string","\#
        minLength":1,"maxLength":256},"exact":{"description":"The value after percent-decoding i\#
        s this, byte for byte.","type":"string","maxLength":1024},"regex":{"description":"The va\#
        lue after percent-decoding matches this expression.","$ref":"#/$defs/regex"}},"additiona\#
        lProperties":false,"oneOf":[{"required":["exact"]},{"required":["regex"]}]},"grpcMatch":\#
        {"description":"The gRPC call that is matched: the request path `/service/method`. An em\#
        pty object matches every call.","type":"object","properties":{"service":{"description":"\#
        How the service is matched; exactly one member.","type":"object","properties":{"exact":{\#
        "title":"a gRPC service such as package.Service","description":"The service's name, with\#
         regard to case.","type":"string","minLength":1,"maxLength":1024,"pattern":"^\\.?[A-Za-z\#
        _][A-Za-z_0-9]*(\\.[A-Za-z_][A-Za-z_0-9]*)*$"},"regex":{"description":"The service's nam\#
        e matches this expression.","$ref":"#/$defs/regex"}},"additionalProperties":false,"minPr\#
        operties":1,"maxProperties":1},"method":{"description":"How the method is matched; exact\#
        ly one member.","type":"object","properties":{"exact":{"title":"a gRPC method name","des\#
        cription":"The method's name, with regard to case.","type":"string","minLength":1,"maxLe\#
        ngth":1024,"pattern":"^[A-Za-z_][A-Za-z_0-9]*$"},"regex":{"description":"The method's na\#
        me matches this expression.","$ref":"#/$defs/regex"}},"additionalProperties":false,"minP\#
        roperties":1,"maxProperties":1}},"additionalProperties":false},"filter":{"description":"\#
        One step on the way of a request or its answer: exactly one kind of filter. Steps of req\#
        uests run as listed, those of answers in reverse. Names of headers that frame a message \#
        (Content-Length, Transfer-Encoding, Connection, Upgrade, TE, Trailer) belong to the host\#
        .","type":"object","properties":{"setHeaders":{"description":"Request headers that are c\#
        reated or overwritten.","type":"object","minProperties":1,"maxProperties":64,"patternPro\#
        perties":{"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/fieldValue"}},"additionalProp\#
        erties":false},"addHeaders":{"description":"Request headers that are appended to what is\#
         there.","type":"object","minProperties":1,"maxProperties":64,"patternProperties":{"^[-!\#
        #$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/fieldValue"}},"additionalProperties":false},\#
        "removeHeaders":{"description":"Request headers that are taken away.","type":"array","it\#
        ems":{"$ref":"#/$defs/token"},"minItems":1,"maxItems":64},"setResponseHeaders":{"descrip\#
        tion":"Response headers that are created or overwritten.","type":"object","minProperties\#
        ":1,"maxProperties":64,"patternProperties":{"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$\#
        defs/fieldValue"}},"additionalProperties":false},"addResponseHeaders":{"description":"Re\#
        sponse headers that are appended to what is there.","type":"object","minProperties":1,"m\#
        axProperties":64,"patternProperties":{"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$":{"$ref":"#/$defs/f\#
        ieldValue"}},"additionalProperties":false},"removeResponseHeaders":{"description":"Respo\#
        nse headers that are taken away.","type":"array","items":{"$ref":"#/$defs/token"},"minIt\#
        ems":1,"maxItems":64},"rewrite":{"description":"Change the request's host or path before\#
         it goes upstream.","type":"object","properties":{"host":{"description":"The new Host (o\#
        r :authority).","$ref":"#/$defs/hostname"},"path":{"description":"The new path.","$ref":\#
        "#/$defs/pathChange"}},"additionalProperties":false,"minProperties":1},"redirect":{"desc\#
        ription":"Answer with a redirect; the backends are not asked. An empty object redirects \#
        to the same place.","type":"object","properties":{"scheme":{"description":"The Location'\#
        s scheme. Default: the request's.","enum":["http","https"]},"host":{"description":"The L\#
        ocation's host. Default: the request's.","$ref":"#/$defs/hostname"},"port":{"description\#
        ":"The Location's port. Default: that of scheme where one is given, else the listener's \#
        publicPort. 80 under http and 443 under https are left out.","type":"integer","minimum":\#
        1,"maximum":65535},"path":{"description":"The Location's path. Default: the request's.",\#
        "$ref":"#/$defs/pathChange"},"status":{"description":"The status of the answer.","enum":\#
        [301,302,303,307,308],"default":302}},"additionalProperties":false},"mirror":{"descripti\#
        on":"Send a copy of the request, as it is after all of the rule's filters, to another po\#
        ol and drop the answer. The copy is dropped rather than slow the request. Several are al\#
        lowed; each is drawn for itself.","type":"object","required":["pool"],"properties":{"poo\#
        l":{"description":"The pool that receives the copy, by document name.","$ref":"#/$defs/n\#
        ame"},"percent":{"description":"The share of requests copied, in percent. Default: 100."\#
        ,"type":"integer","minimum":0,"maximum":100},"fraction":{"description":"The share of req\#
        uests copied, as a fraction of at most 1.","type":"object","required":["numerator"],"pro\#
        perties":{"numerator":{"description":"The upper number; not above denominator.","type":"\#
        integer","minimum":0,"maximum":2147483647},"denominator":{"description":"The lower numbe\#
        r.","type":"integer","minimum":1,"maximum":2147483647,"default":100}},"additionalPropert\#
        ies":false}},"additionalProperties":false,"allOf":[{"not":{"title":"expected percent or \#
        fraction, not both","required":["percent","fraction"]}}]},"cors":{"description":"Cross-o\#
        rigin resource sharing.","$ref":"#/$defs/cors"},"externalAuth":{"description":"Ask anoth\#
        er server before the request goes on.","$ref":"#/$defs/externalAuth"},"plugin":{"descrip\#
        tion":"The name of a plugin instance with the filter role.","$ref":"#/$defs/name"},"conf\#
        ig":{"description":"The plugin's configuration for this place, checked by the plugin aga\#
        inst its own schema; only beside plugin. Default: {}.","type":"object","default":{}}},"a\#
        dditionalProperties":false,"oneOf":[{"required":["setHeaders"]},{"required":["addHeaders\#
        "]},{"required":["removeHeaders"]},{"required":["setResponseHeaders"]},{"required":["add\#
        ResponseHeaders"]},{"required":["removeResponseHeaders"]},{"required":["rewrite"]},{"req\#
        uired":["redirect"]},{"required":["mirror"]},{"required":["cors"]},{"required":["externa\#
        lAuth"]},{"required":["plugin"]}],"allOf":[{"if":{"required":["config"]},"then":{"requir\#
        ed":["plugin"]}}]},"pathChange":{"description":"The new path; exactly one member. The qu\#
        ery stays.","type":"object","properties":{"full":{"title":"a path from /, percent-encode\#
        d, without query and fragment","description":"The whole path is replaced by this.","type\#
        ":"string","maxLength":1024,"pattern":"^/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[\#
        -A-Za-z0-9/._~!$&'()*+,;=:@]*)*$"},"prefix":{"title":"a path from /, percent-encoded, wi\#
        thout query and fragment, or an empty text","description":"The prefix that matched is re\#
        placed by this, without doubling or losing a slash: `/foo/bar` under the prefix `/foo` b\#
        ecomes `/xyz/bar`, and with an empty text `/bar`. Every match of the rule must be by pre\#
        fix.","type":"string","maxLength":1024,"pattern":"^(/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-\#
        9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()*+,;=:@]*)*)?$"}},"additionalProperties":false,"minPrope\#
        rties":1,"maxProperties":1},"cors":{"description":"Cross-origin resource sharing: the ho\#
        st answers preflight requests itself (204) and adds Access-Control-* to the others; an o\#
        rigin that is not allowed gets none of them.","type":"object","required":["allowOrigins"\#
        ],"properties":{"allowOrigins":{"description":"Origins that may read the answer: scheme,\#
         host and port; `*` in the host stands for any characters, labels included; `*` alone is\#
         every origin.","type":"array","items":{"title":"an origin such as https://a.test:8443, \#
        or *","type":"string","minLength":1,"maxLength":253,"pattern":"^(\\*|[A-Za-z][-A-Za-z0-9\#
        +.]*://[^:/?# ]+(:[0-9]{1,5})?)$"},"minItems":1,"maxItems":64,"allOf":[{"if":{"minItems"\#
        :2},"then":{"items":{"not":{"title":"\"*\" stands alone or not at all","const":"*"}}}}]}\#
        ,"allowMethods":{"description":"Methods that may be used; `*` alone is every method. Def\#
        ault: GET, HEAD and POST, which need no permission.","type":"array","items":{"enum":["GE\#
        T","HEAD","POST","PUT","DELETE","CONNECT","OPTIONS","TRACE","PATCH","*"]},"minItems":1,"\#
        maxItems":16,"allOf":[{"if":{"minItems":2},"then":{"items":{"not":{"title":"\"*\" stands\#
         alone or not at all","const":"*"}}}}]},"allowHeaders":{"description":"Request headers t\#
        hat may be sent; `*` alone is every header. Default: only those that need no permission.\#
        ","type":"array","items":{"$ref":"#/$defs/token"},"minItems":1,"maxItems":64,"allOf":[{"\#
        if":{"minItems":2},"then":{"items":{"not":{"title":"\"*\" stands alone or not at all","c\#
        onst":"*"}}}}]},"exposeHeaders":{"description":"Response headers that scripts may read; \#
        `*` alone is every header. They stand in preflight and other answers.","type":"array","i\#
        tems":{"$ref":"#/$defs/token"},"minItems":1,"maxItems":64,"allOf":[{"if":{"minItems":2},\#
        "then":{"items":{"not":{"title":"\"*\" stands alone or not at all","const":"*"}}}}]},"al\#
        lowCredentials":{"description":"Whether requests may carry credentials. When true, origi\#
        n, methods and headers are echoed and never `*`; when false, the header is left out.","t\#
        ype":"boolean","default":false},"maxAge":{"description":"Seconds that a preflight answer\#
         may be kept.","type":"integer","minimum":1,"maximum":2147483647,"default":5}},"addition\#
        alProperties":false},"externalAuth":{"description":"Ask another server before the reques\#
        t goes on. The host sends it Host, method, path, Content-Length and Authorization always\#
        . No answer, or an error: the request is refused.","type":"object","required":["protocol\#
        ","pool"],"properties":{"protocol":{"description":"GRPC: Envoy's ext_authz Check. HTTP: \#
        a request like the one at hand; 200 lets it pass, another answer goes downstream as it i\#
        s.","enum":["GRPC","HTTP"]},"pool":{"description":"The pool of the authorisation server,\#
         by document name.","$ref":"#/$defs/name"},"path":{"title":"a path from /, percent-encod\#
        ed, without query and fragment, or an empty text","description":"HTTP: a prefix put befo\#
        re the request's path.","type":"string","maxLength":1024,"pattern":"^(/[-A-Za-z0-9/._~!$\#
        &'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()*+,;=:@]*)*)?$","default":""},"allowed\#
        Headers":{"description":"Request headers sent beyond those always sent. Default: none fo\#
        r HTTP, all for GRPC.","type":"array","items":{"$ref":"#/$defs/token"},"minItems":1,"max\#
        Items":64},"allowedResponseHeaders":{"description":"HTTP: headers of a permitting answer\#
         that are set on the request before it goes on. Default: none.","type":"array","items":{\#
        "$ref":"#/$defs/token"},"minItems":1,"maxItems":64},"forwardBody":{"description":"Send t\#
        he request's body too. Absent: without its body.","type":"object","required":["maxSize"]\#
        ,"properties":{"maxSize":{"description":"Bytes of the body at most; a longer body is ans\#
        wered 413. 0: no body is sent.","type":"integer","minimum":0,"maximum":65535}},"addition\#
        alProperties":false},"timeout":{"description":"The time the authorisation server has. De\#
        fault: 5s.","$ref":"#/$defs/duration","default":"5s"}},"additionalProperties":false,"all\#
        Of":[{"if":{"required":["protocol"],"properties":{"protocol":{"const":"GRPC"}}},"then":{\#
        "properties":{"path":{"not":{"title":"the protocol is GRPC"}},"allowedResponseHeaders":{\#
        "not":{"title":"the protocol is GRPC"}}}}}]},"backend":{"description":"Where a share of \#
        the requests goes: exactly one of pool, plugin and status.","type":"object","properties"\#
        :{"pool":{"description":"A `pool` document of the same instance, by name.","$ref":"#/$de\#
        fs/name"},"plugin":{"description":"A plugin instance with the service role; it sees the \#
        path after rewriting, and answers 404 where no mount matches.","$ref":"#/$defs/name"},"s\#
        tatus":{"description":"Answer with this status at once: how a source says that a referen\#
        ce is invalid (500) or not permitted. On protocol GRPC, 500 and 503 become UNAVAILABLE (\#
        14).","type":"integer","minimum":200,"maximum":599},"weight":{"description":"The share o\#
        f requests, relative to the sum over the rule's backends. 0: none; all 0: every request \#
        is answered 500.","type":"integer","minimum":0,"maximum":1000000,"default":1},"filters":\#
        {"description":"Filters for requests that go to this backend alone, after the rule's (HT\#
        TPRouteBackendRequestHeaderModification, HTTPRouteBackendURLRewrite, HTTPRouteBackendReq\#
        uestRedirect).","type":"array","items":{"$ref":"#/$defs/filter"},"minItems":0,"maxItems"\#
        :64,"default":[]}},"additionalProperties":false,"oneOf":[{"required":["pool"]},{"require\#
        d":["plugin"]},{"required":["status"]}]},"timeouts":{"description":"Time limits of the r\#
        ule.","type":"object","properties":{"request":{"description":"From the last byte of the \#
        request's head to the last byte of the answer, retries included; beyond: 504. `0s`: none\#
        . Default: the host's setting.","$ref":"#/$defs/duration"},"backend":{"description":"One\#
         try at a backend; beyond: 504, or another try. Not above request, unless that is 0s. `0\#
        s`: none. Default: as request.","$ref":"#/$defs/duration"}},"additionalProperties":false\#
        },"retry":{"description":"When and how often a request is tried again. A body is kept fo\#
        r it up to 64 KiB; with a longer one there is no retry. The pool's retryBudget bounds al\#
        l of it. An empty object means none.","type":"object","properties":{"attempts":{"descrip\#
        tion":"Further tries after the first. With 1 or more, failed connections and expired bac\#
        kend timeouts are tried again too. 0: none.","type":"integer","minimum":0,"maximum":100,\#
        "default":0},"codes":{"description":"Statuses of an upstream's answer that are tried aga\#
        in; each once.","type":"array","items":{"type":"integer","minimum":400,"maximum":599},"m\#
        inItems":0,"maxItems":64,"default":[]},"backoff":{"description":"The least time before a\#
         try; it grows with each and is spread at random. Default: 25ms.","$ref":"#/$defs/durati\#
        on","default":"25ms"}},"additionalProperties":false,"allOf":[{"if":{"anyOf":[{"required"\#
        :["codes"]},{"required":["backoff"]}]},"then":{"required":["attempts"]}}]},"session":{"d\#
        escription":"Session persistence: requests of one session go to one endpoint while it is\#
         ready (GEP-1619). An empty object means none. A rule's setting wins over its pool's.","\#
        type":"object","properties":{"cookie":{"description":"Keep the session in a cookie that \#
        the host sets and reads.","type":"object","properties":{"name":{"description":"The cooki\#
        e's name. Default: a stable name derived from the route's rule or the pool.","$ref":"#/$\#
        defs/token"},"path":{"title":"a path from /, without control characters and ;","descript\#
        ion":"The cookie's Path attribute.","type":"string","default":"/","maxLength":1024,"patt\#
        ern":"^/[^\\x00-\\x1F\\x7F;]*$"},"lifetimeType":{"description":"`Session`: the browser d\#
        rops the cookie when it closes. `Permanent`: it keeps it for absoluteTimeout.","enum":["\#
        Session","Permanent"],"default":"Session"}},"additionalProperties":false},"header":{"des\#
        cription":"Keep the session in a header that the host sets in the response and the downs\#
        tream repeats.","type":"object","required":["name"],"properties":{"name":{"description":\#
        "The header's name.","$ref":"#/$defs/token"}},"additionalProperties":false},"absoluteTim\#
        eout":{"description":"How long a session lasts from its first request, used or not. Abse\#
        nt or `0s`: for ever.","$ref":"#/$defs/duration"}},"additionalProperties":false,"allOf":\#
        [{"not":{"title":"expected a cookie or a header, not both","required":["cookie","header"\#
        ]}},{"if":{"required":["absoluteTimeout"]},"then":{"anyOf":[{"required":["cookie"]},{"re\#
        quired":["header"]}]}},{"if":{"required":["cookie"],"properties":{"cookie":{"required":[\#
        "lifetimeType"],"properties":{"lifetimeType":{"const":"Permanent"}}}}},"then":{"required\#
        ":["absoluteTimeout"]}}]},"listenerNames":{"description":"The listeners this route is at\#
        tached to, by document name; the same instance must have put them. A name that is unknow\#
        n at commit is reported and the route serves on the others.","type":"array","items":{"$r\#
        ef":"#/$defs/name"},"minItems":1,"maxItems":256},"order":{"description":"The age and nam\#
        e that break ties between equal documents: the older wins, then the name that sorts firs\#
        t in bytes. Absent: younger than everything that has an order, then by document name.","\#
        type":"object","properties":{"created":{"title":"a time such as 2026-01-01T00:00:00Z","d\#
        escription":"When the object was created, RFC 3339 with a time zone; for files the creat\#
        ionTimestamp they state, never the file's own time.","type":"string","pattern":"^[0-9]{4\#
        }-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})$\#
        ","maxLength":40},"name":{"description":"The object's name for the tie-break, usually `n\#
        amespace/name`. Default: the document's name.","$ref":"#/$defs/name"}},"additionalProper\#
        ties":false},"literalPath":{"title":"a path from /, percent-encoded, without query and f\#
        ragment","description":"An absolute path as it is matched: from `/`, percent-encoded, wi\#
        thout query, fragment or dot segments.","type":"string","minLength":1,"maxLength":1024,"\#
        pattern":"^/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()*+,;=:@]*\#
        )*$","not":{"title":"dot segments are resolved before a match","pattern":"/\\.\\.?(/|$)"\#
        }},"regex":{"description":"A PCRE2 expression in UTF-8, not anchored: write `^` and `$` \#
        for a whole match. It is compiled at commit; the host's match and depth limits bound its\#
         cost.","type":"string","minLength":1,"maxLength":1024},"token":{"title":"a name without\#
         spaces, separators and control characters","description":"An HTTP field name, cookie na\#
        me or other RFC 9110 token; field names are compared without regard to case.","type":"st\#
        ring","minLength":1,"maxLength":256,"pattern":"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$"},"fieldVal\#
        ue":{"title":"a field value without control characters","description":"An HTTP field val\#
        ue of up to 4096 bytes without control characters other than the tab (RFC 9110 section 5\#
        .5).","type":"string","maxLength":4096,"pattern":"^[^\\x00-\\x08\\x0A-\\x1F\\x7F]*$"},"h\#
        ostPattern":{"title":"a DNS name in lower case, or *. and a DNS name","description":"A D\#
        NS name in lower case, or `*.` and a DNS name: the wildcard stands for one or more whole\#
         labels and never for the bare domain (Gateway API Hostname).","type":"string","minLengt\#
        h":1,"maxLength":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]\#
        ([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 address"\#
        ,"pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"hostname":{"title":"a DNS name in lower case","de\#
        scription":"A DNS name in lower case without a trailing dot, labels of up to 63 characte\#
        rs; never an IP address (Gateway API Hostname).","type":"string","minLength":1,"maxLengt\#
        h":253,"pattern":"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9\#
        ])?)*$","not":{"title":"expected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.\#
        [0-9]+){3}$"}},"duration":{"title":"a duration such as 10s, 500ms or 1h30m","description\#
        ":"A Gateway API duration: one to four numbers, each of up to five digits and a unit of \#
        h, m, s or ms; `1h30m`, `10s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h\#
        |m|s|ms)){1,4}$","maxLength":28},"name":{"title":"a text without control characters","de\#
        scription":"The name of a document: free text without control characters, unique within \#
        the plugin instance and the kind.","type":"string","minLength":1,"maxLength":1024,"patte\#
        rn":"^[^\\x00-\\x1F\\x7F]*$"}}}
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
