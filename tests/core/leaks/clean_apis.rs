//! Answers of well known APIs without any secret, after the public examples of their documentation.

use serde_json::{Value, json};

use super::clean::{cursor, id, number, ulid, words};
use super::rng::Rng;

/// A maker of documents with its name.
pub(crate) type Maker = (&'static str, fn(&mut Rng) -> Value);

/// The makers of this file.
pub(crate) const ALL: [Maker; 15] = [
    ("GitHub issues", github_issues),
    ("GitHub commits", github_commits),
    ("GitHub check runs", github_checks),
    ("Stripe charges", stripe_charges),
    ("Stripe events", stripe_events),
    ("Slack history", slack_history),
    ("Shopify orders", shopify_orders),
    ("Google files", google_files),
    ("AWS instances", aws_instances),
    ("Twilio messages", twilio_messages),
    ("chat completion", chat_completion),
    ("Kubernetes pods", kubernetes_pods),
    ("Jira search", jira_search),
    ("CloudTrail events", cloudtrail),
    ("Discord messages", discord_messages),
];

fn list(n: usize, rng: &mut Rng, make: impl Fn(&mut Rng) -> Value) -> Value {
    Value::Array((0..n).map(|_| make(rng)).collect())
}

fn github_user(rng: &mut Rng) -> Value {
    let (login, id) = (rng.pick(&["octocat", "hubot", "monalisa", "defunkt", "mojombo"]), number(7, rng));
    json!({"login": login, "id": id, "node_id": format!("MDQ6VXNlcj{}=", rng.alnum(8)), "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "html_url": format!("https://github.com/{login}"), "type": "User", "site_admin": false})
}

fn github_issues(rng: &mut Rng) -> Value {
    list(8, rng, |r| {
        let n = r.range(2, 4000);
        json!({"id": number(10, r), "node_id": format!("I_kwDO{}", r.alnum(16)), "url": format!("https://api.github.com/repos/octocat/Hello-World/issues/{n}"),
            "number": n, "state": "open", "title": words(7, r), "body": words(24, r), "user": github_user(r),
            "labels": [{"id": number(9, r), "name": "bug", "color": r.hex(6), "description": words(4, r)}], "author_association": "MEMBER",
            "comments": r.below(40), "created_at": r.instant(), "updated_at": r.instant(), "state_reason": null, "locked": false})
    })
}

fn github_commits(rng: &mut Rng) -> Value {
    list(7, rng, |r| {
        let sha = r.hex(40);
        json!({"sha": sha, "node_id": format!("C_kwDO{}", r.alnum(58)), "commit": {
            "author": {"name": "Mona Lisa", "email": "mona@example.com", "date": r.instant()},
            "message": format!("{}\n\nSigned-off-by: Mona Lisa <mona@example.com>", words(6, r)), "tree": {"sha": r.hex(40)},
            "comment_count": r.below(9), "verification": {"verified": false, "reason": "unsigned"}},
            "html_url": format!("https://github.com/octocat/Hello-World/commit/{sha}"), "author": github_user(r), "parents": [{"sha": r.hex(40)}]})
    })
}

fn github_checks(rng: &mut Rng) -> Value {
    let runs = list(6, rng, |r| {
        json!({"id": number(11, r), "head_sha": r.hex(40), "external_id": r.uuid(), "name": words(3, r), "status": "completed",
        "conclusion": "success", "started_at": r.instant(), "completed_at": r.instant(), "app": {"id": number(5, r), "slug": "github-actions"},
        "output": {"title": "token-count report", "summary": words(9, r), "annotations_count": r.below(7)}})
    });
    json!({"total_count": 6, "check_runs": runs})
}

fn stripe_charges(rng: &mut Rng) -> Value {
    let data = list(6, rng, |r| {
        json!({"id": format!("ch_3{}", r.alnum(23)), "object": "charge", "amount": number(5, r), "amount_captured": number(5, r),
        "balance_transaction": format!("txn_3{}", r.alnum(23)), "created": number(10, r), "currency": "chf", "customer": format!("cus_{}", r.alnum(14)),
        "billing_details": {"address": {"city": "Lucerne", "country": "CH", "postal_code": "6003"}, "email": "ada@example.com"},
        "outcome": {"network_status": "approved_by_network", "risk_level": "normal", "risk_score": r.below(99), "seller_message": "Payment complete."},
        "payment_intent": format!("pi_3{}", r.alnum(23)), "payment_method": format!("pm_1{}", r.alnum(23)),
        "payment_method_details": {"card": {"brand": "visa", "country": "US", "exp_month": r.range(1, 12), "exp_year": 2031, "funding": "credit",
            "last4": r.digits(4), "network": "visa"}, "type": "card"},
        "receipt_url": "https://pay.stripe.com/receipts/payment", "status": "succeeded", "livemode": true})
    });
    json!({"object": "list", "url": "/v1/charges", "has_more": true, "data": data})
}

fn stripe_events(rng: &mut Rng) -> Value {
    json!({"object": "list", "data": list(6, rng, |r| json!({"id": format!("evt_1{}", r.alnum(23)), "object": "event", "api_version": "2024-06-20",
        "created": number(10, r), "type": "customer.updated", "pending_webhooks": r.below(4),
        "request": {"id": format!("req_{}", r.alnum(14)), "idempotency_key": r.uuid()},
        "data": {"object": {"id": format!("cus_{}", r.alnum(14)), "balance": 0, "invoice_prefix": r.chars("ABCDEF0123456789", 8), "name": "Ada Lovelace"},
            "previous_attributes": {"name": words(2, r)}}}))})
}

fn slack_history(rng: &mut Rng) -> Value {
    let messages = list(10, rng, |r| {
        json!({"type": "message", "user": format!("U{}", r.chars("ABCDEFGHJKLMNP0123456789", 10)), "text": words(12, r),
        "ts": format!("17{}.{}", r.digits(8), r.chars("0123456789", 6)), "team": format!("T{}", r.chars("ABCDEFGHJKLMNP0123456789", 10)),
        "client_msg_id": r.uuid(), "reactions": [{"name": "key", "count": r.range(1, 9), "users": ["U012AB3CD"]}]})
    });
    json!({"ok": true, "messages": messages, "has_more": true, "pin_count": 0, "response_metadata": {"next_cursor": cursor(rng)}})
}

fn shopify_orders(rng: &mut Rng) -> Value {
    json!({"orders": list(5, rng, |r| json!({"id": number(13, r), "admin_graphql_api_id": format!("gid://shopify/Order/{}", id(13, r)), "app_id": number(6, r),
        "confirmation_number": r.chars("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 9), "created_at": r.instant(), "currency": "CHF", "name": format!("#{}", r.digits(4)),
        "order_number": number(4, r), "phone": format!("+41 44 668 {} {}", r.digits(2), r.digits(2)), "processed_at": r.instant(),
        "total_price": format!("{}.{}", r.digits(3), r.digits(2)), "total_weight": number(4, r), "browser_ip": format!("203.0.113.{}", r.below(255)),
        "line_items": [{"id": number(13, r), "price": format!("{}.50", r.digits(2)), "product_id": number(13, r), "quantity": r.range(1, 9), "sku": format!("SKU-{}", r.digits(6)), "title": words(3, r), "variant_id": number(14, r)}],
        "shipping_address": {"city": "Lucerne", "zip": "6003", "latitude": 47.05, "longitude": 8.3 + r.below(1000) as f64 / 7919.0}}))})
}

fn google_files(rng: &mut Rng) -> Value {
    json!({"kind": "drive#fileList", "nextPageToken": format!("~!!~AI9{}", rng.alnum(60)), "incompleteSearch": false, "files": list(8, rng, |r| json!({
        "kind": "drive#file", "id": format!("1{}", r.alnum(32)), "name": words(3, r), "mimeType": "application/vnd.google-apps.document",
        "createdTime": r.instant(), "md5Checksum": r.hex(32), "sha256Checksum": r.hex(64), "size": r.digits(6), "version": r.digits(4),
        "headRevisionId": format!("0B{}", r.alnum(40)), "webViewLink": format!("https://docs.google.com/document/d/1{}/edit", r.alnum(32))}))})
}

fn aws_instances(rng: &mut Rng) -> Value {
    json!({"NextToken": cursor(rng), "Reservations": list(5, rng, |r| json!({"ReservationId": format!("r-{}", r.hex(17)), "OwnerId": id(12, r), "Instances": [{
        "InstanceId": format!("i-{}", r.hex(17)), "ImageId": format!("ami-{}", r.hex(17)), "InstanceType": "t3.large", "KeyName": "ops-laptop",
        "LaunchTime": r.instant(), "PrivateIpAddress": format!("10.0.{}.{}", r.below(255), r.below(255)), "SubnetId": format!("subnet-{}", r.hex(17)),
        "VpcId": format!("vpc-{}", r.hex(17)), "Architecture": "x86_64",
        "State": {"Code": 16, "Name": "running"}, "Tags": [{"Key": "Name", "Value": words(2, r)}, {"Key": "author", "Value": "ada"}],
        "IamInstanceProfile": {"Arn": format!("arn:aws:iam::{}:instance-profile/web", id(12, r)), "Id": format!("AIPA{}", r.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17))}}]}))})
}

fn twilio_messages(rng: &mut Rng) -> Value {
    let account = format!("AC{}", rng.hex(32));
    json!({"page": 0, "page_size": 50, "uri": format!("/2010-04-01/Accounts/{account}/Messages.json"), "messages": list(7, rng, |r| json!({
        "sid": format!("SM{}", r.hex(32)), "account_sid": account, "messaging_service_sid": format!("MG{}", r.hex(32)), "body": words(9, r),
        "from": format!("+4179{}", r.digits(7)), "to": format!("+1415555{}", r.digits(4)), "num_segments": "1", "price": "-0.00750", "price_unit": "USD",
        "status": "delivered", "error_code": 30007, "date_sent": "Thu, 24 Aug 2023 05:01:45 +0000"}))})
}

fn chat_completion(rng: &mut Rng) -> Value {
    json!({"id": format!("chatcmpl-{}", rng.alnum(29)), "object": "chat.completion", "created": number(10, rng), "model": "gpt-4o-2024-08-06",
        "system_fingerprint": format!("fp_{}", rng.hex(10)), "max_tokens": 4096, "max_completion_tokens": 2048, "temperature": 0.7,
        "choices": list(6, rng, |r| json!({"index": r.below(9), "finish_reason": "stop", "message": {"role": "assistant", "content": words(30, r)}})),
        "usage": {"prompt_tokens": number(3, rng), "completion_tokens": number(3, rng), "total_tokens": number(4, rng),
            "prompt_tokens_details": {"cached_tokens": 128, "audio_tokens": 7}, "completion_tokens_details": {"reasoning_tokens": 64, "accepted_prediction_tokens": 11}},
        "tokens": ["Hel", "lo", " there"], "next_page_token": cursor(rng), "input_tokens": 17, "output_tokens": 91, "token_count": 204, "tokenizer": "cl100k_base"})
}

fn kubernetes_pods(rng: &mut Rng) -> Value {
    json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": rng.digits(8), "continue": cursor(rng)}, "items": list(5, rng, |r| json!({
        "metadata": {"name": format!("web-{}-{}", r.hex(10), r.chars("bcdfghjklmnpqrstvwxz2456789", 5)), "namespace": "default", "uid": r.uuid(),
            "creationTimestamp": r.instant(), "labels": {"app": "web", "pod-template-hash": r.hex(10)}, "annotations": {"checksum/config": r.hex(64)}},
        "spec": {"containers": [{"name": "web", "image": format!("registry.k8s.io/web@sha256:{}", r.hex(64)), "ports": [{"containerPort": 8080, "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}},
            "volumeMounts": [{"name": "kube-api-access-x7k2p", "mountPath": "/var/run/service-data", "readOnly": true}]}],
            "serviceAccountName": "default", "automountServiceAccountToken": false, "tokenExpirationSeconds": 3607, "nodeName": "node-07"},
        "status": {"phase": "Running", "podIP": format!("10.244.{}.{}", r.below(99), r.below(250)), "containerStatuses": [{"name": "web", "restartCount": r.below(9),
            "containerID": format!("containerd://{}", r.hex(64)), "state": {"running": {"startedAt": r.instant()}}}]}}))})
}

fn jira_search(rng: &mut Rng) -> Value {
    json!({"startAt": 0, "maxResults": 50, "total": 7, "nextPageToken": cursor(rng), "issues": list(7, rng, |r| json!({"id": r.digits(5), "key": format!("SHOP-{}", r.digits(4)),
        "self": format!("https://acme.atlassian.net/rest/api/3/issue/{}", r.digits(5)), "fields": {"summary": words(8, r), "created": r.instant(),
            "status": {"name": "In Progress", "id": "3", "statusCategory": {"key": "indeterminate", "colorName": "yellow"}},
            "assignee": {"accountId": format!("5b10{}", r.hex(20)), "displayName": "Mia Krystof", "timeZone": "Europe/Zurich"},
            "project": {"key": "SHOP", "id": r.digits(5), "projectTypeKey": "software"}, "priority": {"name": "High"}, "customfield_10011": r.digits(3)}}))})
}

fn cloudtrail(rng: &mut Rng) -> Value {
    json!({"Records": list(6, rng, |r| json!({"eventVersion": "1.09", "eventTime": r.instant(), "eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity",
        "awsRegion": "eu-central-2", "sourceIPAddress": format!("198.51.100.{}", r.below(255)), "userAgent": "aws-cli/2.15.30 Python/3.11.8",
        "userIdentity": {"type": "AssumedRole", "principalId": format!("AROA{}:session", r.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17)), "accountId": id(12, r),
            "arn": format!("arn:aws:sts::{}:assumed-role/web/session", id(12, r))},
        "requestID": r.uuid(), "eventID": r.uuid(), "recipientAccountId": id(12, r), "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}}))})
}

fn discord_messages(rng: &mut Rng) -> Value {
    list(8, rng, |r| {
        json!({"id": id(19, r), "channel_id": id(18, r), "content": words(14, r), "timestamp": r.instant(), "nonce": id(18, r), "type": 0,
        "author": {"id": id(18, r), "username": "mason", "discriminator": "9999", "avatar": r.hex(32), "global_name": "Mason"},
        "mentions": [], "attachments": [{"id": id(19, r), "filename": "screen.png", "size": number(6, r), "width": 1280, "height": 720}], "ulid": ulid(r)})
    })
}
