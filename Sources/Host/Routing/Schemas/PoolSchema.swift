/// `docs/schemas/pool.json`, written here by `make schemas`.
enum PoolSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/pool.json","title":"Pool","description":"Endpoints that serve the same thing, and ho\#
        w the host speaks to them. Its name is its identity (`namespace/name/port` and a hash of\#
         its TLS settings), never a rule's index, so that connections and health survive edits o\#
        f routes. A pool without an endpoint that may be used is answered 503.","type":"object",\#
        "required":["endpoints"],"properties":{"endpoints":{"description":"The endpoints; the or\#
        der has no meaning. Empty: every request is answered 503.","type":"array","items":{"$ref\#
        ":"#/$defs/endpoint"},"minItems":0,"maxItems":10000},"protocol":{"description":"http1: H\#
        TTP/1.1, upgrades included. ws: the same, for ports that announce WebSocket. h2c: HTTP/2\#
         in the clear with prior knowledge, or under TLS where tls is set. h2: HTTP/2 under TLS,\#
         needs tls. grpc: HTTP/2, in the clear or under TLS, with gRPC health and statuses. For \#
        an l4route it has no meaning.","enum":["http1","h2c","h2","ws","grpc"],"default":"http1"\#
        },"tls":{"description":"Speak TLS to the endpoints. Absent: in the clear.","$ref":"#/$de\#
        fs/tls"},"balancing":{"description":"How an endpoint is chosen. Absent: all defaults.","\#
        $ref":"#/$defs/balancing"},"health":{"description":"Active checks. Absent: none.","$ref"\#
        :"#/$defs/health"},"outlier":{"description":"Passive checks. Absent: none.","$ref":"#/$d\#
        efs/outlier"},"limits":{"description":"Bounds on connections and requests. Absent: none.\#
        ","$ref":"#/$defs/limits"},"connectTimeout":{"description":"The time to connect, TLS inc\#
        luded; beyond: 504, or another try. Default: 5s.","$ref":"#/$defs/duration","default":"5\#
        s"},"idleTimeout":{"description":"How long an unused connection is kept. Default: 60s.",\#
        "$ref":"#/$defs/duration","default":"60s"},"retryBudget":{"description":"What retries ma\#
        y cost. Absent: 20 percent, at least 10 a second.","$ref":"#/$defs/retryBudget"},"sessio\#
        n":{"description":"Session persistence for every rule that leads here and has none of it\#
        s own.","$ref":"#/$defs/session"}},"additionalProperties":false,"allOf":[{"if":{"require\#
        d":["protocol"],"properties":{"protocol":{"const":"h2"}}},"then":{"required":["tls"]}}],\#
        "examples":[{"endpoints":[{"address":"127.0.0.1","port":8081},{"address":"::1","port":80\#
        81,"weight":2}]},{"endpoints":[{"host":"api.a.test","port":443}],"tls":{"sni":"api.a.tes\#
        t","trust":["system"]}}],"$defs":{"endpoint":{"description":"One place where the pool is\#
         served.","type":"object","properties":{"address":{"title":"an IPv4 or IPv6 address, or \#
        unix: and an absolute path","description":"An IPv4 or IPv6 address without brackets or z\#
        one, or `unix:` and the absolute path of a stream socket.","type":"string","minLength":2\#
        ,"maxLength":112,"pattern":"^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*|u\#
        nix:/[^\\x00-\\x1F]+)$"},"host":{"description":"A DNS name that the host resolves and re\#
        solves again when its time to live has passed; every address found is an endpoint.","$re\#
        f":"#/$defs/hostname"},"port":{"description":"The port; required but for a unix socket. \#
        For Kubernetes it is the EndpointSlice's, not the Service's.","type":"integer","minimum"\#
        :1,"maximum":65535},"weight":{"description":"The endpoint's share within the pool, relat\#
        ive to the sum of all weights. 0: none.","type":"integer","minimum":0,"maximum":1000000,\#
        "default":1},"ready":{"description":"Whether the endpoint takes new requests (EndpointSl\#
        ice condition).","type":"boolean","default":true},"serving":{"description":"Whether it s\#
        till answers, ready or terminating (EndpointSlice condition). Endpoints that serve while\#
         terminating are used when no endpoint is ready. Default: as ready.","type":"boolean"},"\#
        terminating":{"description":"Whether it is going away (EndpointSlice condition): it take\#
        s no new sessions, and those it has may end.","type":"boolean","default":false},"zone":{\#
        "description":"The zone the endpoint is in, for preferSameZone.","type":"string","minLen\#
        gth":1,"maxLength":253}},"additionalProperties":false,"oneOf":[{"required":["address"]},\#
        {"required":["host"]}],"allOf":[{"if":{"required":["address"],"properties":{"address":{"\#
        pattern":"^unix:"}}},"then":{"properties":{"port":{"not":{"title":"the address is a unix\#
         socket"}}}},"else":{"required":["port"]}}]},"tls":{"description":"Speak TLS to the endp\#
        oints and check what they present (BackendTLSPolicy). There is no way to switch the chec\#
        k off. A policy whose CAs are all invalid is not a pool without tls: the source writes s\#
        tatus backends instead.","type":"object","required":["sni","trust"],"properties":{"sni":\#
        {"description":"The name sent as SNI and, without subjectAltNames, the name the certific\#
        ate must cover.","$ref":"#/$defs/hostname"},"trust":{"description":"The `trust` document\#
        s that endpoint certificates must chain to, by name.","$ref":"#/$defs/trustNames"},"subj\#
        ectAltNames":{"description":"The certificate must carry at least one of these; then sni \#
        is only sent and not compared (BackendTLSPolicySANValidation).","type":"array","items":{\#
        "description":"One accepted subject alternative name: exactly one of hostname and uri.",\#
        "type":"object","properties":{"hostname":{"description":"A DNS name, or a wildcard as th\#
        e certificate carries it.","$ref":"#/$defs/hostPattern"},"uri":{"title":"a URI with a sc\#
        heme and ://","description":"A URI with scheme and authority, compared byte for byte, su\#
        ch as `spiffe://a.test/web`.","type":"string","minLength":4,"maxLength":2048,"pattern":"\#
        ^[A-Za-z][-A-Za-z0-9+.]*://[^ ]+$"}},"additionalProperties":false,"minProperties":1,"max\#
        Properties":1},"minItems":1,"maxItems":16},"clientCertificate":{"description":"The `cert\#
        ificate` document presented when an endpoint asks for one (GatewayBackendClientCertifica\#
        te). Absent: none.","$ref":"#/$defs/certificateName"},"minVersion":{"description":"The l\#
        owest TLS version offered. Default: 1.2.","$ref":"#/$defs/tlsVersion","default":"1.2"},"\#
        maxVersion":{"description":"The highest TLS version offered. Default: 1.3.","$ref":"#/$d\#
        efs/tlsVersion","default":"1.3"},"cipherSuites":{"$ref":"#/$defs/cipherSuites"},"groups"\#
        :{"$ref":"#/$defs/groups"}},"additionalProperties":false},"balancing":{"description":"Ho\#
        w an endpoint is chosen among those that may be used, weights included.","type":"object"\#
        ,"properties":{"policy":{"description":"`LeastRequests`: of two drawn at random the one \#
        with fewer requests in flight. `RoundRobin`: in turn. `Random`: drawn. `Hash`: the same \#
        key goes to the same endpoint, with little movement when endpoints change.","enum":["Lea\#
        stRequests","RoundRobin","Random","Hash"],"default":"LeastRequests"},"hash":{"descriptio\#
        n":"What the key of policy Hash is; exactly one member. A request without it is balanced\#
         at random.","type":"object","properties":{"header":{"description":"The value of the req\#
        uest header of this name.","$ref":"#/$defs/token"},"cookie":{"description":"The value of\#
         the cookie of this name.","$ref":"#/$defs/token"},"query":{"description":"The value of \#
        the query parameter of this name.","type":"string","minLength":1,"maxLength":256},"sourc\#
        e":{"description":"The downstream's address.","const":true}},"additionalProperties":fals\#
        e,"minProperties":1,"maxProperties":1},"preferSameZone":{"description":"Whether endpoint\#
        s in the host's own zone are used alone while one of them may be used.","type":"boolean"\#
        ,"default":false},"slowStart":{"description":"The time over which a new endpoint's share\#
         grows to its weight. Default: 0s, at once.","$ref":"#/$defs/duration","default":"0s"},"\#
        panicPercent":{"description":"When more than this percentage of the endpoints is unhealt\#
        hy, health is ignored. 100: never.","type":"integer","minimum":0,"maximum":100,"default"\#
        :50}},"additionalProperties":false,"allOf":[{"if":{"required":["policy"],"properties":{"\#
        policy":{"const":"Hash"}}},"then":{"required":["hash"]},"else":{"properties":{"hash":{"n\#
        ot":{"title":"the policy is not Hash"}}}}}]},"health":{"description":"Active checks: the\#
         host asks every endpoint, once per process, and leaves out those that fail.","type":"ob\#
        ject","properties":{"protocol":{"description":"What is asked: a GET of path, the gRPC he\#
        alth service, or that a connection is accepted. The pool's tls applies.","enum":["HTTP",\#
        "GRPC","TCP"],"default":"HTTP"},"path":{"description":"HTTP: the path asked for. Default\#
        : `/`.","$ref":"#/$defs/literalPath","default":"/"},"host":{"description":"HTTP: the Hos\#
        t sent. Default: the endpoint's address.","$ref":"#/$defs/hostname"},"service":{"descrip\#
        tion":"GRPC: the service asked for. Default: the empty name, the whole server.","type":"\#
        string","maxLength":256,"default":""},"statuses":{"description":"HTTP: the statuses that\#
         count as healthy. Absent: 200 to 299.","type":"array","items":{"type":"integer","minimu\#
        m":200,"maximum":599},"minItems":1,"maxItems":64},"port":{"description":"The port asked.\#
         Default: the endpoint's.","type":"integer","minimum":1,"maximum":65535},"interval":{"de\#
        scription":"The time between two checks of an endpoint, with jitter. Default: 10s.","$re\#
        f":"#/$defs/duration","default":"10s"},"timeout":{"description":"The time one check may \#
        take. Default: 1s.","$ref":"#/$defs/duration","default":"1s"},"healthyAfter":{"descripti\#
        on":"Successes in a row until an unhealthy endpoint is used again.","type":"integer","mi\#
        nimum":1,"maximum":100,"default":2},"unhealthyAfter":{"description":"Failures in a row u\#
        ntil an endpoint is left out.","type":"integer","minimum":1,"maximum":100,"default":3}},\#
        "additionalProperties":false,"allOf":[{"if":{"required":["protocol"],"properties":{"prot\#
        ocol":{"enum":["GRPC","TCP"]}}},"then":{"properties":{"path":{"not":{"title":"the protoc\#
        ol is not HTTP"}},"host":{"not":{"title":"the protocol is not HTTP"}},"statuses":{"not":\#
        {"title":"the protocol is not HTTP"}}}}},{"if":{"required":["protocol"],"properties":{"p\#
        rotocol":{"const":"GRPC"}}},"else":{"properties":{"service":{"not":{"title":"the protoco\#
        l is not GRPC"}}}}}]},"outlier":{"description":"Passive checks: leave an endpoint out fo\#
        r a time when requests to it fail.","type":"object","properties":{"failures":{"descripti\#
        on":"Failures in a row (no connection, a reset, a timeout, a 5xx) until the endpoint is \#
        ejected.","type":"integer","minimum":1,"maximum":1000,"default":5},"gatewayErrorsOnly":{\#
        "description":"Whether of the statuses only 502, 503 and 504 count as failures.","type":\#
        "boolean","default":false},"ejection":{"description":"The first ejection's length; each \#
        further one adds as much. Default: 30s.","$ref":"#/$defs/duration","default":"30s"},"max\#
        Ejection":{"description":"The longest ejection. Default: 5m.","$ref":"#/$defs/duration",\#
        "default":"5m"},"maxEjectedPercent":{"description":"The percentage of the pool's endpoin\#
        ts that may be ejected at one time.","type":"integer","minimum":0,"maximum":100,"default\#
        ":50}},"additionalProperties":false},"limits":{"description":"Bounds, counted over all w\#
        orkers. Absent: no limit of that kind; there is no hidden one.","type":"object","propert\#
        ies":{"connections":{"description":"Connections to one endpoint at most.","type":"intege\#
        r","minimum":1,"maximum":1000000},"requests":{"description":"Requests in flight to one e\#
        ndpoint at most; beyond them it is passed over.","type":"integer","minimum":1,"maximum":\#
        1000000},"pending":{"description":"Requests that may wait for an endpoint of the pool; o\#
        ne more is answered 503.","type":"integer","minimum":0,"maximum":1000000},"requestsPerCo\#
        nnection":{"description":"Requests on one connection at most, after which it is closed i\#
        n good order.","type":"integer","minimum":1,"maximum":1000000000}},"additionalProperties\#
        ":false},"retryBudget":{"description":"What retries may cost over all requests to this p\#
        ool (GEP-3388). When it is used up, the first answer goes downstream, or 503 where there\#
         was none.","type":"object","properties":{"percent":{"description":"Retries at most, in \#
        percent of the requests in flight within the interval.","type":"integer","minimum":0,"ma\#
        ximum":100,"default":20},"interval":{"description":"The time over which requests are cou\#
        nted, 1s to 1h. Default: 10s.","$ref":"#/$defs/duration","default":"10s"},"minimum":{"de\#
        scription":"Retries that are always allowed, however few requests there are.","type":"ob\#
        ject","properties":{"count":{"description":"How many retries are allowed in each interva\#
        l.","type":"integer","minimum":0,"maximum":1000000,"default":10},"interval":{"descriptio\#
        n":"The time in which count retries are allowed, 1s to 1h. Default: 1s.","$ref":"#/$defs\#
        /duration","default":"1s"}},"additionalProperties":false}},"additionalProperties":false}\#
        ,"session":{"description":"Session persistence: requests of one session go to one endpoi\#
        nt while it is ready (GEP-1619). An empty object means none. A rule's setting wins over \#
        its pool's.","type":"object","properties":{"cookie":{"description":"Keep the session in \#
        a cookie that the host sets and reads.","type":"object","properties":{"name":{"descripti\#
        on":"The cookie's name. Default: a stable name derived from the route's rule or the pool\#
        .","$ref":"#/$defs/token"},"path":{"title":"a path from /, without control characters an\#
        d ;","description":"The cookie's Path attribute.","type":"string","default":"/","maxLeng\#
        th":1024,"pattern":"^/[^\\x00-\\x1F\\x7F;]*$"},"lifetimeType":{"description":"`Session`:\#
         the browser drops the cookie when it closes. `Permanent`: it keeps it for absoluteTimeo\#
        ut.","enum":["Session","Permanent"],"default":"Session"}},"additionalProperties":false},\#
        "header":{"description":"Keep the session in a header that the host sets in the response\#
         and the downstream repeats.","type":"object","required":["name"],"properties":{"name":{\#
        "description":"The header's name.","$ref":"#/$defs/token"}},"additionalProperties":false\#
        },"absoluteTimeout":{"description":"How long a session lasts from its first request, use\#
        d or not. Absent or `0s`: for ever.","$ref":"#/$defs/duration"}},"additionalProperties":\#
        false,"allOf":[{"not":{"title":"expected a cookie or a header, not both","required":["co\#
        okie","header"]}},{"if":{"required":["absoluteTimeout"]},"then":{"anyOf":[{"required":["\#
        cookie"]},{"required":["header"]}]}},{"if":{"required":["cookie"],"properties":{"cookie"\#
        :{"required":["lifetimeType"],"properties":{"lifetimeType":{"const":"Permanent"}}}}},"th\#
        en":{"required":["absoluteTimeout"]}}]},"trustNames":{"description":"The names of `trust\#
        ` documents of the same instance; a certificate that chains to any of them is trusted.",\#
        "type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":16},"certificateN\#
        ame":{"description":"The name of a `certificate` document of the same instance.","$ref":\#
        "#/$defs/name"},"tlsVersion":{"description":"A TLS protocol version. Older versions than\#
         1.2 are not offered.","enum":["1.2","1.3"]},"cipherSuites":{"description":"The cipher s\#
        uites that are allowed, best first, by OpenSSL or IANA name; suites of TLS 1.2 and 1.3 i\#
        n one list. Absent: the host's default list.","type":"array","items":{"title":"a name of\#
         letters, digits, - and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-\#
        Za-z0-9_]+$"},"minItems":1,"maxItems":64},"groups":{"description":"The key exchange grou\#
        ps that are allowed, best first, by name (`X25519`, `P-256`, `X25519MLKEM768`). Absent: \#
        the host's default list.","type":"array","items":{"title":"a name of letters, digits, - \#
        and _","type":"string","minLength":1,"maxLength":64,"pattern":"^[-A-Za-z0-9_]+$"},"minIt\#
        ems":1,"maxItems":16},"literalPath":{"title":"a path from /, percent-encoded, without qu\#
        ery and fragment","description":"An absolute path as it is matched: from `/`, percent-en\#
        coded, without query, fragment or dot segments.","type":"string","minLength":1,"maxLengt\#
        h":1024,"pattern":"^/[-A-Za-z0-9/._~!$&'()*+,;=:@]*(%[0-9A-Fa-f]{2}[-A-Za-z0-9/._~!$&'()\#
        *+,;=:@]*)*$","not":{"title":"dot segments are resolved before a match","pattern":"/\\.\\#
        \.?(/|$)"}},"hostname":{"title":"a DNS name in lower case","description":"A DNS name in \#
        lower case without a trailing dot, labels of up to 63 characters; never an IP address (G\#
        ateway API Hostname).","type":"string","minLength":1,"maxLength":253,"pattern":"^[a-z0-9\#
        ]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title":"ex\#
        pected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"hostPatter\#
        n":{"title":"a DNS name in lower case, or *. and a DNS name","description":"A DNS name i\#
        n lower case, or `*.` and a DNS name: the wildcard stands for one or more whole labels a\#
        nd never for the bare domain (Gateway API Hostname).","type":"string","minLength":1,"max\#
        Length":253,"pattern":"^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9\#
        ]{0,61}[a-z0-9])?)*$","not":{"title":"expected a DNS name, not an IPv4 address","pattern\#
        ":"^[0-9]+(\\.[0-9]+){3}$"}},"token":{"title":"a name without spaces, separators and con\#
        trol characters","description":"An HTTP field name, cookie name or other RFC 9110 token;\#
         field names are compared without regard to case.","type":"string","minLength":1,"maxLen\#
        gth":256,"pattern":"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$"},"duration":{"title":"a duration such\#
         as 10s, 500ms or 1h30m","description":"A Gateway API duration: one to four numbers, eac\#
        h of up to five digits and a unit of h, m, s or ms; `1h30m`, `10s`, `500ms`, `0s`.","typ\#
        e":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","maxLength":28},"name":{"title":"a\#
         text without control characters","description":"The name of a document: free text witho\#
        ut control characters, unique within the plugin instance and the kind.","type":"string",\#
        "minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\x7F]*$"}}}
        """#
}
