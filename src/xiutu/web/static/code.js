// The call on the page as code. Keys are placeholders: they are on the page of the app.

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

export function code(kind, { operator, path, address, result, values, json, file }) {
  return { curl, python, cli }[kind]({ operator, path, address, result, values, json, file });
}

function curl({ path, address, result, values, json, file }) {
  const token = [
    `TOKEN=$(curl -s '${address}/oauth/2.0/token' -d grant_type=client_credentials \\`,
    `  -d client_id=API_KEY -d client_secret=SECRET_KEY | python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')`,
  ];
  const send = json
    ? [
        `python3 - > body.json <<'END'`,
        `import base64, json`,
        `body = ${pythonText(values)}`,
        `body["image"] = base64.b64encode(open("${file}", "rb").read()).decode()`,
        `print(json.dumps(body))`,
        `END`,
        `curl -s "${address}${path}?access_token=$TOKEN" \\`,
        `  -H 'Content-Type: application/json' -d @body.json \\`,
      ]
    : [
        `base64 -w0 ${quoted(file)} > image.b64`,
        `curl -s "${address}${path}?access_token=$TOKEN" \\`,
        `  --data-urlencode image@image.b64 \\`,
        ...Object.entries(values).map(([n, v]) => `  --data-urlencode ${quoted(`${n}=${asText(v)}`)} \\`),
      ];
  const save = `  | python3 -c 'import base64,json,sys; sys.stdout.buffer.write(base64.b64decode(json.load(sys.stdin)["${result}"]))' > result.jpg`;
  return [...token, ...send, save].join("\n");
}

function python({ path, address, result, values, json, file }) {
  const body = json ? "json.dumps(values).encode()" : "urlencode(values).encode()";
  const type = json ? ', {"Content-Type": "application/json"}' : "";
  return [
    "import base64",
    "import json",
    "from urllib.parse import urlencode",
    "from urllib.request import Request, urlopen",
    "",
    `HOST = "${address}"`,
    'keys = {"grant_type": "client_credentials", "client_id": "API_KEY", "client_secret": "SECRET_KEY"}',
    'token = json.load(urlopen(HOST + "/oauth/2.0/token", urlencode(keys).encode()))["access_token"]',
    "",
    `values = ${pythonText(values)}`,
    `values["image"] = base64.b64encode(open("${file}", "rb").read()).decode()`,
    `request = Request(f"{HOST}${path}?access_token={token}", ${body}${type})`,
    "answer = json.load(urlopen(request))",
    'if "error_code" in answer:',
    "    raise SystemExit(answer)",
    `open("result.jpg", "wb").write(base64.b64decode(answer["${result}"]))`,
  ].join("\n");
}

function cli({ operator, values, file }) {
  const given = Object.entries(values).map(([n, v]) => ` -p ${quoted(`${n}=${asText(v)}`)}`);
  return `xiutu run ${operator} ${quoted(file)} -o result.jpg${given.join("")}`;
}

const asText = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

// JSON of lists, objects, texts and numbers is Python too.
function pythonText(values) {
  return JSON.stringify(values).replace(/,"/g, ', "').replace(/":/g, '": ');
}
