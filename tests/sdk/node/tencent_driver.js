'use strict';
// Child process around npm tencentcloud-sdk-nodejs: a JSON job per line in, an answer per line out.
// Job: {"keys": [SecretId, SecretKey], "params": {...}} and, where it is not the default, "sign",
// "method", "language", "region", "endpoint", "protocol", "token", "headers", "clock" (seconds this
// machine's clock is off), "times" (so many calls at once). The answer is that of the SDK's method, or
// {"code", "message", "request_id"} of its exception; a list of them with "times".
const readline = require('readline');
const AiartClient = require('tencentcloud-sdk-nodejs').aiart.v20221229.Client;

const RealDate = Date;
let offset = 0;

global.Date = class extends RealDate {
    constructor(...args) {
        super(...(args.length ? args : [RealDate.now() + offset]));
    }

    static now() {
        return RealDate.now() + offset;
    }
};

async function perform(job) {
    const client = new AiartClient({
        credential: {secretId: job.keys[0], secretKey: job.keys[1], token: job.token},
        region: 'region' in job ? job.region : 'ap-guangzhou',
        profile: {
            signMethod: job.sign,
            language: job.language,
            httpProfile: {
                reqMethod: job.method || 'POST',
                endpoint: job.endpoint || null,
                protocol: job.protocol || 'https://',
                headers: job.headers,
            },
        },
    });
    try {
        return await client.ImageInpaintingRemoval(job.params);
    } catch (error) {
        return {code: error.code, message: error.message, request_id: error.requestId, trace: error.traceId};
    }
}

async function main() {
    for await (const line of readline.createInterface({input: process.stdin})) {
        const job = JSON.parse(line);
        offset = (job.clock || 0) * 1000;
        const calls = Array.from({length: job.times || 1}, () => perform(job));
        const answers = await Promise.all(calls);
        process.stdout.write(JSON.stringify(job.times ? answers : answers[0]) + '\n');
    }
}

main();
