exports.superagentes = require("./3.1/superagentes.json");
exports.zild = require("./3.1/zild.json");
exports.neutral = require("./neutral/conversation.schema.json");
