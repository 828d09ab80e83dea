'use strict';
// Loaded with --require: the vendors' host names lead to the server under test, whatever the port;
// nothing else can be reached. The SDK and its TLS verification stay as they are.
const net = require('net');

const VENDOR_HOSTS = ['aip.baidubce.com', 'aiart.tencentcloudapi.com', '127.0.0.1'];
const connect = net.Socket.prototype.connect;

function redirected(options) {
    if (!VENDOR_HOSTS.includes(options.host)) {
        throw new Error(`${options.host}: out of bounds for this test`);
    }
    return Object.assign({}, options, {host: '127.0.0.1', port: Number(process.env.SDK_TARGET)});
}

net.Socket.prototype.connect = function (...args) {
    if (Array.isArray(args[0])) {
        args[0][0] = redirected(args[0][0]);
    } else {
        args[0] = redirected(args[0]);
    }
    return connect.apply(this, args);
};
