'use strict';
// Child process around npm baidu-aip-sdk: a JSON job per line in, a JSON list of results per line out.
// Job: {"keys": [app id, api key, secret key], "steps": [...]}; every job makes a new client. Steps:
// {"call", "args"} a method of the client, {"cloud": true} sign with BCE from now on, {"token"} calls
// setAccessToken, {"options"} and {"interceptor"} the SDK's HttpClient.setRequestOptions and
// setRequestInterceptor (an interceptor that merges these).
const readline = require('readline');
const {imageprocess: AipImageProcess, HttpClient} = require('baidu-aip-sdk');

const BCE = 1; // AUTHTYPE_BCE of the SDK's base client

async function perform(client, step) {
    if ('cloud' in step) {
        await client.pms;
        client.authType = BCE;
        return null;
    }
    if ('options' in step) {
        HttpClient.setRequestOptions(step.options);
        return null;
    }
    if ('interceptor' in step) {
        const extra = step.interceptor;
        HttpClient.setRequestInterceptor(extra && (options => Object.assign({}, options, extra)));
        return null;
    }
    if ('token' in step) {
        client.setAccessToken(step.token);
        return null;
    }
    const started = Date.now();
    let answer;
    try {
        answer = await client[step.call](...step.args);
    } catch (error) {
        const cause = error.error || error;
        answer = {exception: String(cause.code || cause.message || cause)};
    }
    return {answer, seconds: (Date.now() - started) / 1000};
}

async function main() {
    for await (const line of readline.createInterface({input: process.stdin})) {
        const job = JSON.parse(line);
        const client = new AipImageProcess(...job.keys);
        const results = [];
        for (const step of job.steps) {
            results.push(await perform(client, step));
        }
        process.stdout.write(JSON.stringify(results) + '\n');
    }
}

main();
